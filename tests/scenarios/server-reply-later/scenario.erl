%% Replies that follow: in any order of those who wait, from another process, and once for each.
-include("../scenario.hrl").
-import(servers, [start/1]).
main() ->
    S = start(false), Me = self(),
    [begin spawn(fun() -> Me ! {I, gen_server:call(S, later)} end), pause() end || I <- [1, 2, 3]],
    say([gen_server:call(S, {add, 1})]),
    gen_server:call(S, {release, first}),
    say([arrived()]),
    gen_server:call(S, {pass, Me}),
    From = receive F -> F end,
    [gen_server:reply(From, X) || X <- [second, again]],
    say([arrived()]),
    gen_server:call(S, {release, third}),
    say([arrived(), gen_server:call(S, get)]).
