%% A reply for one that has ended meanwhile is dropped, and the server goes on.
-include("../scenario.hrl").
-import(servers, [start/1]).
main() ->
    S = start(false),
    {P, W} = spawn_monitor(fun() -> gen_server:call(S, later) end),
    pause(),
    exit(P, boom),
    receive {'DOWN', W, _, _, R} -> say([R]) end,
    say([gen_server:call(S, {release, x}), gen_server:call(S, {add, 1}), arrived()]).
