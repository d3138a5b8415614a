%% One that is linked with many: its end is the end of all, the end of one of them ends all through it.
-include("../scenario.hrl").
main() ->
    [begin
         Ps = started(6, fun() -> ok end),
         [join(hd(Ps), P) || P <- tl(Ps)],
         say([fates(Ps, fun() -> lists:nth(I, Ps) ! boom end)])
     end || I <- [1, 4]],
    Hub = started(fun helpers:trap/0),
    Leaves = started(4, fun() -> ok end),
    [join(Hub, P) || P <- Leaves],
    say([fates([Hub | Leaves], fun() ->
        inside(Hub, fun() -> [exit(P, boom) || P <- Leaves], [receive {'EXIT', P, boom} -> ok end || P <- Leaves] end)
    end)]),
    say([fate(Hub, fun() -> Hub ! done end)]).
