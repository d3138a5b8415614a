%% Children that trap exits and do not listen are killed when their time is up; those that end by themselves are not waited for.
-include("../scenario.hrl").
-import(supervision, [supervisor/2, stop/1]).
start(Listens) ->
    Me = self(),
    P = spawn_link(fun() -> trap(), Me ! ready, listen(Listens) end),
    receive ready -> {ok, P} end.
listen(false) -> receive never -> ok end;
listen(Reason) -> receive {'EXIT', _, Got} -> exit({Reason, Got}) end.

main() ->
    trap(),
    [begin
         {ok, Top} = supervisor(#{}, [#{id => Id, shutdown => Ms, start => {scenario, start, [Listens]}}
             || {Id, Listens, Ms} <- [{a, false, 30}, {b, own, 5000}, {c, false, brutal_kill}, {d, false, 0}, {e, shutdown, infinity}]]),
         Watches = [monitor(process, P) || {_, P, _, _} <- lists:reverse(supervisor:which_children(Top))],
         End(Top),
         say([receive {'EXIT', Top, R} -> R end, [receive {'DOWN', W, _, _, R} -> R end || W <- Watches]])
     end || End <- [fun(Top) -> stop(Top) end, fun(Top) -> exit(Top, shutdown) end]].
