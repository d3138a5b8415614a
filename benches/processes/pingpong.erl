%% Two processes that send each other a message in turn.
-module(pingpong).
-export([main/1]).

pong() -> receive {ping, From} -> From ! pong, pong() end.

ping(_, 0) -> ok;
ping(Pong, N) ->
    Pong ! {ping, self()},
    receive pong -> ok end,
    ping(Pong, N - 1).

main(N) ->
    Start = erlang:monotonic_time(nanosecond),
    ping(spawn(fun pong/0), N),
    io:format("figure time ~w~n", [erlang:monotonic_time(nanosecond) - Start]),
    io:format("~w round trips~n", [N]).
