%% A task that is awaited for too short a time goes on, and can be awaited again.
-include("../scenario.hrl").
-import(tasks, [async/1, await/2]).
main() ->
    T = async(fun() -> receive after 60 -> value end end),
    say([await(T, 0), await(T, 20), await(T, 500)]),
    U = async(fun() -> receive after 40 -> exit(boom) end end),
    say([await(U, 10), await(U, 500)]),
    V = {P, _, _} = async(fun() -> receive never -> ok end end),
    say([await(V, 10), fate(P, fun() -> exit(P, stop) end), await(V, 500), arrived()]).
