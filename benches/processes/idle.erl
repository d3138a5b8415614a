%% Processes that wait for a message, all at once; then they get it and end.
-module(idle).
-export([main/1]).

resident() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = string:lexemes(Text, " "),
    4096 * binary_to_integer(Pages).

idle(Parent) -> receive 'end' -> Parent ! ended end.

main(N) ->
    Self = self(),
    Start = erlang:monotonic_time(nanosecond),
    All = [spawn(fun() -> idle(Self) end) || _ <- lists:seq(1, N)],
    %% The last one has had its turn, as all have.
    Last = spawn(fun() -> idle(Self) end),
    Last ! 'end',
    receive ended -> ok end,
    Started = erlang:monotonic_time(nanosecond),
    io:format("figure start ~w~n", [Started - Start]),
    io:format("figure waiting ~w~n", [resident()]),
    [One ! 'end' || One <- All],
    [receive ended -> ok end || _ <- All],
    io:format("figure end ~w~n", [erlang:monotonic_time(nanosecond) - Started]),
    erlang:garbage_collect(),
    timer:sleep(200),
    io:format("figure afterwards ~w~n", [resident()]),
    io:format("~w processes~n", [N]).
