%% A watch tells once, with the reason, and what is no more as `noproc`.
-module(scenario).
-export([main/0]).
-import(trace, [say/1]).

waits() -> receive Reason -> exit(Reason) end.
next() -> receive {'DOWN', _, Type, _, Reason} -> [Type, Reason] after 20 -> nothing end.

main() ->
    [begin P = spawn(fun waits/0), monitor(process, P), P ! Reason, say([next()]) end
     || Reason <- [normal, boom, {shutdown, 1}]],
    P = spawn(fun waits/0),
    monitor(process, P), monitor(process, P),
    exit(P, kill),
    A = next(), B = next(), C = next(),
    say([A, B, C]),
    monitor(process, P),
    say([next()]),
    Q = spawn(fun waits/0),
    register(named, Q),
    Watch = monitor(process, named),
    named ! bye,
    receive {'DOWN', Watch, _, _, R1} -> say([named, R1]) end,
    monitor(process, named),
    say([next()]),
    R = spawn(fun waits/0),
    V = monitor(process, R),
    demonitor(V),
    R ! boom,
    say([next()]),
    S = spawn(fun() -> monitor(process, self()), receive X -> X end end),
    monitor(process, S),
    exit(S, kill),
    say([next()]),
    {T, W} = spawn_monitor(fun() -> exit(quick) end),
    receive {'DOWN', W, _, T, R2} -> say([spawned, R2]) end.
