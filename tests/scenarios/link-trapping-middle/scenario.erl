%% One that traps exits in the middle of a chain stops what comes by the links.
-include("../scenario.hrl").
main() ->
    Ps = [A, B, C, D] = [started(), started(), started(fun helpers:trap/0), started()],
    join(A, B), join(B, C), join(C, D),
    Me = self(),
    inside(C, fun() -> spawn_link(fun() -> exit(normal) end), receive X -> Me ! X end end),
    say([next()]),
    say([fates(Ps, fun() -> inside(C, fun() -> exit(B, boom), receive {'EXIT', Y, R} -> Me ! {Y =:= B, R} end end) end)]),
    say([next()]),
    say([fates([C, D], fun() -> exit(D, kill) end)]).
