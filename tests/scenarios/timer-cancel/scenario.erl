%% A timer that is cancelled before its time sends nothing; after it there is nothing to cancel.
-include("../scenario.hrl").
cancel(T) -> is_integer(erlang:cancel_timer(T)).

main() ->
    [begin
         T = erlang:send_after(Ms, self(), tick),
         receive after Pause -> ok end,
         Cancelled = [cancel(T), cancel(T)],
         say([Ms, Pause, Cancelled, arrived()])
     end || {Ms, Pause} <- [{30, 0}, {30, 10}, {10, 30}, {0, 10}]],
    Ts = [erlang:send_after(20 + I, self(), I) || I <- lists:seq(1, 6)],
    say([[cancel(T) || {I, T} <- lists:zip(lists:seq(1, 6), Ts), I rem 2 =:= 0], lists:sort(arrived())]).
