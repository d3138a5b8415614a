%% What is no call and no cast: messages, timers, ends of those that the server watches or is linked with.
-include("../scenario.hrl").
-import(servers, [start/1]).
main() ->
    S = start(true),
    Me = self(),
    S ! hello, S ! {a, 1}, S ! [1, 2],
    gen_server:call(S, {timer, 10, tick}), pause(),
    P = started(), gen_server:call(S, {watch, P}), P ! boom, pause(),
    Q = started(), gen_server:call(S, {link, Q}), Q ! normal, pause(),
    R = started(), gen_server:call(S, {link, R}), R ! boom, pause(),
    exit(started(), boom),
    T = started(), inside(T, fun() -> exit(S, strange), exit(S, normal) end), pause(),
    say([gen_server:call(S, {add, 1}), Me =:= self()]),
    unlink(S), kill([S]).
