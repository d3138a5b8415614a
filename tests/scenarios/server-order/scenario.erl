%% Calls, casts and other messages of one client are handled in the order in which they were sent.
-include("../scenario.hrl").
-import(servers, [start/1]).
main() ->
    S = start(false),
    [begin gen_server:cast(S, {add, N}), S ! N end || N <- [1, 2, 3]],
    say([gen_server:call(S, get)]),
    gen_server:cast(S, {slow, 20, x}), S ! late, gen_server:cast(S, {add, 10}),
    say([gen_server:call(S, get)]),
    gen_server:cast(S, {add, 5}), S ! last, gen_server:stop(S),
    say([alive(S)]).
