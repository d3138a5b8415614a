%% A link with oneself changes nothing.
-include("../scenario.hrl").
main() ->
    [begin
         P = started(fun() -> trap(), link(self()) end),
         say([inside(P, fun() -> unlink(self()) end), fate(P, fun() -> P ! Reason end)]),
         Q = started(fun() -> link(self()) end),
         say([fate(Q, fun() -> exit(Q, Reason) end)]),
         kill([Q])
     end || Reason <- [normal, boom, kill]].
