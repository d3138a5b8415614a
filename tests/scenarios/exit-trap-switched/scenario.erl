%% `trap_exit` gives what it was; exits that came as messages stay messages after it is switched off.
-include("../scenario.hrl").
main() ->
    say([[process_flag(trap_exit, On) || On <- [true, true, false, false, true]]]),
    P = spawn_link(fun() -> exit(early) end),
    pause(),
    process_flag(trap_exit, false),
    say([receive {'EXIT', P, R} -> R end]),
    Q = started(),
    say([fate(Q, fun() ->
        inside(Q, fun() -> process_flag(trap_exit, true), process_flag(trap_exit, false) end), exit(Q, boom)
    end)]),
    S = started(fun helpers:trap/0),
    inside(S, fun() -> process_flag(trap_exit, false) end),
    say([fate(S, fun() -> exit(S, boom) end)]).
