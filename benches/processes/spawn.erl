%% Processes that say that they are there, and end: 1,000 at a time.
-module(spawn).
-export([main/1]).

-define(BATCH, 1000).

child(Parent) -> Parent ! here.

batch() ->
    Self = self(),
    times(?BATCH, fun() -> spawn(fun() -> child(Self) end) end),
    times(?BATCH, fun() -> receive here -> ok end end).

main(N) ->
    Start = erlang:monotonic_time(nanosecond),
    times(N div ?BATCH, fun batch/0),
    io:format("figure time ~w~n", [erlang:monotonic_time(nanosecond) - Start]),
    io:format("~w processes~n", [N]).

times(0, _) -> ok;
times(N, F) -> F(), times(N - 1, F).
