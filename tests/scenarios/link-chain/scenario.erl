%% The end of one in a chain of links ends them all, unless it is normal.
-include("../scenario.hrl").
main() -> [run(Reason) || Reason <- [normal, boom, kill, shutdown, {shutdown, 1}]].
run(Reason) ->
    [A, B, C, D] = Ps = started(4, fun() -> ok end),
    join(A, B), join(B, C), join(C, D),
    say([Reason, fates(Ps, fun() -> B ! Reason end)]),
    kill(Ps).
