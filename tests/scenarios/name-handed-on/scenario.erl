%% A name handed from one to the next: what is sent by name goes to who has it at the moment.
-include("../scenario.hrl").
main() ->
    Me = self(),
    Ps = [spawn(fun() -> receive X -> Me ! {I, X} end end) || I <- lists:seq(1, 4)],
    [begin register(one, P), one ! hello, unregister(one) end || P <- Ps],
    say([lists:sort(arrived()), whereis(one)]),
    erlang:send_after(40, one, late),
    register(one, Me),
    say([next(), lists:member(one, registered())]),
    unregister(one),
    say([lists:member(one, registered())]).
