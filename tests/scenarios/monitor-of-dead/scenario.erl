%% Each watch of the dead is told `noproc` at once; so is one that is made after a signal that ends the other.
-include("../scenario.hrl").
main() ->
    P = started(), fate(P, fun() -> P ! boom end),
    say([[begin monitor(process, P), next() end || _ <- [1, 2, 3]]]),
    Q = started(), exit(Q, kill), monitor(process, Q), say([next()]),
    {R, W} = spawn_monitor(fun() -> exit(boom) end),
    monitor(process, R),
    say([receive {'DOWN', W, _, _, Reason} -> Reason end]),
    next(),
    monitor(process, R),
    say([next()]),
    say([arrived()]).
