%% Messages of 1 MB, each answered with its length: bytes, and a list of ints of a word each.
-module(payload).
-export([main/1]).

-define(OCTETS, 1048576).

measure() ->
    receive
        {From, Data} when is_binary(Data) -> From ! byte_size(Data);
        {From, Data} -> From ! length(Data)
    end,
    measure().

sent(_, _, 0, Sum) -> Sum;
sent(There, Data, N, Sum) ->
    There ! {self(), Data},
    receive Length -> sent(There, Data, N - 1, Sum + Length) end.

main(N) ->
    Octets = binary:copy(<<7>>, ?OCTETS),
    Ints = lists:seq(0, ?OCTETS div 8 - 1),
    There = spawn(fun measure/0),
    Start = erlang:monotonic_time(nanosecond),
    First = sent(There, Octets, 10 * N, 0),
    Between = erlang:monotonic_time(nanosecond),
    Sum = sent(There, Ints, N, First),
    io:format("figure bytes ~w~n", [(Between - Start) div (10 * N)]),
    io:format("figure list ~w~n", [(erlang:monotonic_time(nanosecond) - Between) div N]),
    io:format("~w elements~n", [Sum]).
