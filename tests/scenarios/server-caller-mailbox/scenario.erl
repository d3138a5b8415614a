%% A call leaves the other messages of the caller where they are, whether it succeeds or not.
-include("../scenario.hrl").
-import(servers, [start/1, why/1]).
main() ->
    trap(),
    S = start(false),
    [self() ! N || N <- [1, 2]],
    erlang:send_after(10, self(), 3),
    say([gen_server:call(S, {slow, 30, x})]),
    self() ! 4,
    say([why(fun() -> gen_server:call(S, {slow, 40, x}, 10) end)]),
    self() ! 5,
    say([why(fun() -> gen_server:call(S, {exit, boom}) end)]),
    self() ! 6,
    say([why(fun() -> gen_server:call(S, get) end)]),
    say([arrived()]).
