%% `demonitor` before the end, after it with the message in the mailbox, and again.
-include("../scenario.hrl").
main() ->
    P = started(), W = monitor(process, P),
    say([demonitor(W), demonitor(W)]), P ! boom, say([arrived()]),
    Q = started(), V = monitor(process, Q), Q ! boom, pause(),
    say([demonitor(V), arrived()]),
    R = started(), U = monitor(process, R), R ! boom,
    say([next(), demonitor(U), arrived()]),
    S = started(), exit(S, kill), T = monitor(process, S), pause(),
    say([demonitor(T), next()]).
