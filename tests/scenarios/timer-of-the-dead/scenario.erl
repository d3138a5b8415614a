%% A timer outlives who set it; one for the dead is lost.
-include("../scenario.hrl").
main() ->
    Me = self(),
    {P, _} = spawn_monitor(fun() -> erlang:send_after(30, Me, tick) end),
    say([next(), alive(P), next()]),
    {Q, _} = spawn_monitor(fun() -> receive go -> ok end end),
    erlang:send_after(30, Q, go),
    exit(Q, boom),
    say([next()]),
    U = erlang:send_after(10, Q, go),
    say([arrived(), is_integer(erlang:cancel_timer(U))]).
