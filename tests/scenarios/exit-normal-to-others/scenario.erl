%% The exit signal `normal` ends only who sends it to itself; who traps exits gets a message.
-include("../scenario.hrl").
main() ->
    [begin
         P = started(Prepare), Me = self(),
         say([fate(P, fun() -> exit(P, normal) end)]),
         Q = started(Prepare),
         say([fate(Q, fun() -> Q ! {do, Me, fun() -> exit(self(), normal), receive after 10 -> ok end end} end)]),
         R = started(Prepare), S = started(),
         say([fate(R, fun() -> inside(S, fun() -> exit(R, normal) end) end)]),
         kill([P, Q, R, S]), arrived()
     end || Prepare <- [fun() -> ok end, fun helpers:trap/0]].
