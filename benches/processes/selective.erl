%% Calls whose replies are told from 10,000 other messages, which wait meanwhile, by a fresh ref.
-module(selective).
-export([main/1]).

-define(WAITING, 10000).

server() -> receive {call, From, Ref, N} -> From ! {reply, Ref, N + 1} end, server().

call(Server, N) ->
    Ref = monitor(process, Server),
    Server ! {call, self(), Ref, N},
    receive
        {reply, Ref, Value} ->
            demonitor(Ref),
            Value;
        {'DOWN', Ref, _, _, Reason} -> throw(Reason)
    end.

calls(_, N, N) -> ok;
calls(Server, At, N) -> calls(Server, call(Server, At), N).

main(N) ->
    [self() ! {other, I} || I <- lists:seq(0, ?WAITING - 1)],
    Server = spawn(fun server/0),
    Start = erlang:monotonic_time(nanosecond),
    calls(Server, 0, N),
    io:format("figure time ~w~n", [erlang:monotonic_time(nanosecond) - Start]),
    io:format("~w calls~n", [N]).
