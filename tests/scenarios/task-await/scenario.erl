%% Tasks run at the same time, and are awaited in any order; nothing stays in the mailbox.
-include("../scenario.hrl").
-import(tasks, [async/1, await/2]).
main() ->
    [A, B, C] = [async(fun() -> receive after Ms -> say([done, Ms]), Ms * 2 end end) || Ms <- [60, 0, 30]],
    say([await(B, 500), await(A, 500), await(C, 500)]),
    self() ! mine,
    D = async(fun() -> value end),
    pause(),
    say([await(D, 0), arrived()]).
