%% A server is linked with who starts it: its end is that one's, unless that traps exits or the end is normal.
-include("../scenario.hrl").
-import(servers, [start/1]).
main() ->
    [begin
         Me = self(),
         P = started(Prepare),
         S = inside(P, fun() -> start(false) end),
         say([fates([P, S], fun() -> gen_server:cast(S, {exit, Reason}) end)]),
         kill([P]), Me = self()
     end || Prepare <- [fun() -> ok end, fun helpers:trap/0], Reason <- [normal, shutdown, boom]].
