%% A `receive` in a clause of another begins with the oldest message again.
-include("../scenario.hrl").
main() ->
    [self() ! X || X <- [a, {open, 1}, b, {open, 2}, {close, 1}, c, {close, 2}]],
    say([receive {open, N} -> receive {close, N} -> {N, receive X -> X after 0 -> none end} end end]),
    say([receive {close, N2} -> receive {open, N2} -> {N2, receive Y -> Y after 0 -> none end} end end]),
    say([arrived()]).
