%% Of several exit signals the first ends a process; who traps them gets them in the order in which they were sent.
-include("../scenario.hrl").
main() ->
    Reasons = [normal, a, b, kill, c],
    P = started(),
    say([fate(P, fun() -> [exit(P, R) || R <- Reasons] end)]),
    Me = self(),
    Q = started(fun helpers:trap/0),
    Q ! {do, Me, fun() -> [receive {'EXIT', Me, R} -> R end || _ <- lists:seq(1, 3)] end},
    [exit(Q, R) || R <- [normal, a, b]],
    say([receive {did, Q, Rs} -> Rs end]),
    say([fate(Q, fun() -> exit(Q, kill), exit(Q, c) end)]).
