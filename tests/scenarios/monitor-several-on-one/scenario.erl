%% One may watch another several times; each watch is told of, and is its own.
-include("../scenario.hrl").
main() ->
    P = started(),
    [A, B, C] = [monitor(process, P) || _ <- [1, 2, 3]],
    say([A =/= B, B =/= C]),
    say([demonitor(B)]),
    P ! boom,
    say([[receive {'DOWN', W, _, _, R} -> R after 30 -> nothing end || W <- [A, B, C]]]),
    say([arrived()]).
