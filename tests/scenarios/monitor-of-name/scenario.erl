%% A watch by name is of the process that has the name, whatever becomes of the name.
-include("../scenario.hrl").
main() ->
    P = started(), Q = started(),
    register(one, P),
    monitor(process, one),
    unregister(one), register(one, Q),
    Q ! boom, say([next()]),
    P ! other, say([next()]),
    monitor(process, one), say([next()]),
    monitor(process, nobody), say([next()]),
    R = started(), register(one, R), W = monitor(process, one), demonitor(W), R ! boom, say([next()]).
