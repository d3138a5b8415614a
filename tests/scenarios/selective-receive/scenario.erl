%% Messages are taken in the order of the mailbox, by the first that matches.
-module(scenario).
-export([main/0]).
-import(trace, [say/1]).

atom() -> receive A when is_atom(A) -> A after 0 -> none end.
even() -> receive N when is_integer(N), N rem 2 =:= 0 -> N after 0 -> none end.
any() -> receive X -> X after 0 -> none end.
rest(Xs) -> receive X -> rest([X | Xs]) after 0 -> lists:reverse(Xs) end.

main() ->
    Me = self(),
    [Me ! X || X <- [1, a, 2, b, 3, c]],
    A = atom(), B = even(), C = even(), D = atom(), E = any(), F = any(), G = any(), H = any(),
    say([A, B, C, D, E, F, G, H]),
    [Me ! X || X <- [{k, 1}, {k, 2}, {j, 1}]],
    R1 = receive {j, N1} -> N1 end,
    R2 = receive {k, N2} when N2 > 1 -> N2 end,
    R3 = receive {_, N3} -> N3 end,
    say([R1, R2, R3]),
    P = spawn(fun() -> receive go -> ok end, Me ! rest([]) end),
    [P ! X || X <- [x, y, go, z]],
    say([receive Rest -> lists:sublist(Rest, 2) end]).
