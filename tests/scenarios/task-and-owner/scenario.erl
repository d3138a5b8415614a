%% A task is not linked: it outlives who started it, and its end is not that one's.
-include("../scenario.hrl").
-import(tasks, [async/1, await/2]).
main() ->
    Me = self(),
    [begin
         P = started(),
         say([fate(P, fun() -> P ! {do, Me, fun() -> async(fun() -> pause(), Me ! outlived end), exit(Reason) end} end)]),
         say([next()])
     end || Reason <- [normal, boom, kill]],
    Q = started(),
    say([fate(Q, fun() -> inside(Q, fun() -> async(fun() -> exit(boom) end), pause() end) end)]),
    kill([Q]).
