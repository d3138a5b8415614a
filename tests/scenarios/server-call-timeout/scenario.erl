%% A call gives up after its time; the reply, if it comes then, is dropped, and the server goes on.
-include("../scenario.hrl").
-import(servers, [start/1, why/1]).
main() ->
    S = start(false),
    [say([Ms, why(fun() -> gen_server:call(S, {slow, Slow, done}, Ms) end)]) || {Slow, Ms} <- [{0, 100}, {60, 20}, {20, infinity}, {0, 100}]],
    say([why(fun() -> gen_server:call(S, later, 20) end)]),
    gen_server:cast(S, {release, late}),
    say([arrived(), gen_server:call(S, {add, 1})]).
