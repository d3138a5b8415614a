%% Many processes, 100, that send messages to one.
-module(fanin).
-export([main/1]).

-define(SENDERS, 100).

sender(_, N, N) -> ok;
sender(To, I, N) -> To ! {number, I}, sender(To, I + 1, N).

total(0, Sum) -> Sum;
total(N, Sum) -> receive {number, I} -> total(N - 1, Sum + I) end.

main(N) ->
    Self = self(),
    Start = erlang:monotonic_time(nanosecond),
    [spawn(fun() -> sender(Self, 0, N div ?SENDERS) end) || _ <- lists:seq(1, ?SENDERS)],
    Sum = total(N, 0),
    io:format("figure time ~w~n", [erlang:monotonic_time(nanosecond) - Start]),
    io:format("~w messages, together ~w~n", [N, Sum]).
