%% What is thrown or ended while something is done finally replaces what was under way.
-include("../scenario.hrl").
main() ->
    Ends = [fun() -> exit(a) end, fun() -> throw(t) end, fun() -> value end],
    [begin
         P = started(),
         say([fate(P, fun() -> P ! {do, P, fun() -> try First() after Then() end, exit(went) end} end)])
     end || First <- Ends, Then <- [fun() -> exit(b) end, fun() -> throw(u) end, fun() -> ok end]].
