%% Too many restarts within a period end a supervisor, its children first.
-module(scenario).
-export([main/0]).
-import(trace, [say/1]).
-import(supervision, [child/2, supervisor/2, crash/2, stop/1]).

run(Flags, Crashes) ->
    {ok, Top} = supervisor(Flags, [child(a, permanent), child(b, permanent), child(c, permanent)]),
    [crash(b, boom) || _ <- lists:seq(1, Crashes)],
    receive {'EXIT', Top, Reason} -> say([exit, Reason, whereis(a)])
    after 0 ->
        say([lives]),
        stop(Top),
        receive {'EXIT', Top, Reason} -> say([exit, Reason]) end
    end.

main() ->
    process_flag(trap_exit, true),
    run(#{intensity => 0, period => 1}, 1),
    run(#{intensity => 2, period => 5}, 2),
    run(#{intensity => 2, period => 5}, 3),
    run(#{}, 1),
    run(#{}, 2),
    run(#{strategy => one_for_all, intensity => 1, period => 5}, 2).
