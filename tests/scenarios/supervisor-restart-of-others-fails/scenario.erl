%% The end of one child has others started again, one of which cannot be at first.
-include("../scenario.hrl").
-import(supervision, [child/2, supervisor/2, crash/2, children/1, stop/1]).
start(Name) ->
    case get_and_count(Name) of
        N when N > 0, N < 3 -> say([refuses, Name]), {error, refused};
        _ -> gen_server:start_link({local, Name}, supervision, {Name, false}, [])
    end.
get_and_count(Name) -> counter ! {next, Name, self()}, receive {count, N} -> N end.
counts(Counts) ->
    receive {next, Name, From} ->
        N = maps:get(Name, Counts, 0),
        From ! {count, N},
        counts(Counts#{Name => N + 1})
    end.

main() ->
    trap(),
    [begin
         say([Strategy, Crashed]),
         Counter = spawn(fun() -> counts(#{}) end), register(counter, Counter),
         {ok, Top} = supervisor(#{strategy => Strategy, intensity => 5},
             [child(a, permanent), child(b, permanent), #{id => c, start => {scenario, start, [c]}}, child(d, temporary), child(e, permanent)]),
         crash(Crashed, boom), pause(),
         children(Top),
         stop(Top),
         fate(Counter, fun() -> exit(Counter, kill) end)
     end || Strategy <- [one_for_all, rest_for_one], Crashed <- [a, b, e]].
