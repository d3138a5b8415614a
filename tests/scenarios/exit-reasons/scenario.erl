%% Reasons are values of any kind, and the same for a link and a watch.
-include("../scenario.hrl").
main() ->
    trap(),
    [begin
         spawn_link(fun() -> exit(Reason) end), say([next()]),
         spawn_monitor(fun() -> exit(Reason) end), say([next()]),
         P = started(), say([fate(P, fun() -> exit(P, Reason) end)])
     end || Reason <- [shutdown, {shutdown, {a, 1}}, 7, [1, [2, a]], undefined, true, noproc]].
