%% Each of those that watch one is told once, whichever way it ends.
-include("../scenario.hrl").
watches(P, To) -> monitor(process, P), To ! ready, told_of(To).
told_of(To) -> receive {'DOWN', _, _, _, R} -> To ! {seen, plain(R)}, told_of(To) end.

main() ->
    Me = self(),
    [begin
         P = started(),
         Watchers = [spawn(fun() -> watches(P, Me) end) || _ <- lists:seq(1, 4)],
         [receive ready -> ok end || _ <- Watchers],
         End(P),
         say([arrived()]),
         kill(Watchers)
     end || End <- [fun(P) -> P ! normal end, fun(P) -> P ! boom end, fun(P) -> exit(P, kill) end,
                    fun(P) -> P ! {do, P, fun() -> throw(ball) end} end]].
