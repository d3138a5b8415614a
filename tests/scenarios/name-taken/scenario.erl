%% A name is of one process; it is free after `unregister` and after the end of who had it.
-include("../scenario.hrl").
main() ->
    P = started(), Q = started(),
    say([register(one, P), told(fun() -> register(one, Q) end), told(fun() -> register(one, P) end)]),
    say([whereis(one) =:= P]),
    say([unregister(one), whereis(one), register(one, Q), whereis(one) =:= Q]),
    say([fate(Q, fun() -> Q ! boom end), whereis(one)]),
    say([told(fun() -> register(one, Q) end), whereis(one)]),
    say([register(one, P), fate(P, fun() -> exit(P, kill) end), whereis(one)]).
