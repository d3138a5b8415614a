%% A ring of 1,000 processes that hand a message on; each lap counts it down.
-module(ring).
-export([main/1]).

-define(SIZE, 1000).

member(Next) -> receive Token -> Next ! Token end, member(Next).

laps(First, N) ->
    First ! N,
    receive
        0 -> ok;
        Token -> laps(First, Token - 1)
    end.

main(N) ->
    Start = erlang:monotonic_time(nanosecond),
    %% The first process is a member, too.
    First = lists:foldl(fun(_, Next) -> spawn(fun() -> member(Next) end) end, self(), lists:seq(1, ?SIZE - 1)),
    laps(First, N),
    io:format("figure time ~w~n", [erlang:monotonic_time(nanosecond) - Start]),
    io:format("~w laps~n", [N]).
