%% 100 processes that only compute, for some milliseconds: alone, and beside two that send each other messages.
-module(hogs).
-export([main/1]).

-define(HOGS, 100).

%% Rounds of 1,000 additions until it is told to end.
hog(Parent, Rounds) ->
    receive
        'end' -> Parent ! {rounds, Rounds}
    after 0 ->
        _ = add(0, 0),
        hog(Parent, Rounds + 1)
    end.

add(1000, Sum) -> Sum;
add(I, Sum) -> add(I + 1, Sum + I).

pong() -> receive {ping, From} -> From ! pong, pong() end.

%% How long each round trip took, until it is told to end.
ping(Pong, Parent, Times) ->
    Start = erlang:monotonic_time(nanosecond),
    Pong ! {ping, self()},
    receive pong -> ok end,
    All = [erlang:monotonic_time(nanosecond) - Start | Times],
    receive
        'end' -> Parent ! {times, All}
    after 0 -> ping(Pong, Parent, All)
    end.

%% The rounds of all.
for_a_while(Ms) ->
    Self = self(),
    Hogs = [spawn(fun() -> hog(Self, 0) end) || _ <- lists:seq(1, ?HOGS)],
    timer:sleep(Ms),
    [One ! 'end' || One <- Hogs],
    lists:sum([receive {rounds, Rounds} -> Rounds end || _ <- Hogs]).

main(Ms) ->
    Self = self(),
    Alone = for_a_while(Ms),
    Pong = spawn(fun pong/0),
    Player = spawn(fun() -> ping(Pong, Self, []) end),
    Beside = for_a_while(Ms),
    Player ! 'end',
    Times = list_to_tuple(receive {times, All} -> lists:sort(All) end),
    Quantile = fun(Q) -> element(1 + trunc(Q * (tuple_size(Times) - 1)), Times) end,
    io:format("figure alone ~w~n", [Alone]),
    io:format("figure beside ~w~n", [Beside]),
    io:format("figure trips ~w~n", [tuple_size(Times)]),
    io:format("figure median ~w~n", [Quantile(0.5)]),
    io:format("figure p99 ~w~n", [Quantile(0.99)]),
    io:format("figure longest ~w~n", [Quantile(1)]),
    io:format("~w milliseconds~n", [Ms]).
