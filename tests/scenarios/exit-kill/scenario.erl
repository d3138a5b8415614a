%% `kill` as a signal cannot be trapped and is `killed` for others; as a reason it is a reason like others.
-include("../scenario.hrl").
main() ->
    trap(),
    [begin
         A = started(Prepare), link(A), exit(A, kill), say([signal, next()]),
         B = started(Prepare), link(B), B ! kill, say([reason, next()]),
         C = started(Prepare), D = started(), join(D, C),
         say([propagates, fates([C, D], fun() -> D ! kill end)]),
         E = started(Prepare), F = started(), join(F, E),
         say([propagates, fates([E, F], fun() -> exit(F, kill) end)]),
         arrived()
     end || Prepare <- [fun() -> ok end, fun helpers:trap/0]].
