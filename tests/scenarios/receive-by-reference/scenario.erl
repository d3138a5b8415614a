%% Replies that come in another order are told apart by references.
-include("../scenario.hrl").
main() ->
    Me = self(),
    P = spawn(fun() -> [receive {N, R} -> Me ! {R, N * N} end || N <- [3, 1, 4, 2]] end),
    Refs = [{N, make_ref()} || N <- [1, 2, 3, 4]],
    [P ! {N, R} || {N, R} <- Refs],
    say([[receive {R, X} -> X end || {_, R} <- Refs]]),
    Other = make_ref(),
    say([receive {Other, X} -> X after 0 -> none end]).
