%% One that both watches another and is linked with it is told by both, and loses them one by one.
-include("../scenario.hrl").
main() ->
    trap(),
    P = started(), link(P), monitor(process, P), P ! boom, say([lists:sort(arrived())]),
    Q = started(), link(Q), W = monitor(process, Q), demonitor(W), Q ! boom, say([arrived()]),
    R = started(), link(R), monitor(process, R), unlink(R), R ! boom, say([arrived()]),
    process_flag(trap_exit, false),
    S = started(), link(S), monitor(process, S), S ! normal, say([arrived()]).
