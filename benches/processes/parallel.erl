%% The same function of 16 elements, by one process and by one for each.
-module(parallel).
-export([main/1]).

-define(ELEMENTS, 16).

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).

parallel_map(F, All) ->
    Tasks = [spawn_monitor(fun() -> exit({value, F(One)}) end) || One <- All],
    [receive {'DOWN', Ref, process, Pid, {value, Value}} -> Value end || {Pid, Ref} <- Tasks].

main(N) ->
    All = lists:duplicate(?ELEMENTS, N),
    Start = erlang:monotonic_time(nanosecond),
    One = lists:map(fun fib/1, All),
    Between = erlang:monotonic_time(nanosecond),
    Each = parallel_map(fun fib/1, All),
    io:format("figure sequential ~w~n", [Between - Start]),
    io:format("figure parallel ~w~n", [erlang:monotonic_time(nanosecond) - Between]),
    io:format("~w ~w~n", [lists:sum(One), lists:sum(Each)]).
