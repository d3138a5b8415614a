%% Two that watch each other: the end of one is a message for the other, and nothing more.
-include("../scenario.hrl").
main() ->
    [begin
         P = started(), Q = started(),
         inside(P, fun() -> monitor(process, Q) end), inside(Q, fun() -> monitor(process, P) end),
         Me = self(),
         Q ! {do, Me, fun() -> receive {'DOWN', _, _, _, R} -> Me ! {seen, R} end end},
         say([fate(P, fun() -> P ! Reason end)]),
         say([receive {seen, R} -> R end, alive(Q)]),
         exit(Q, kill), arrived()
     end || Reason <- [normal, boom]].
