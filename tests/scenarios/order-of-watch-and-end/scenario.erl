%% A watch or link that is made after a signal comes after it; `demonitor` and `unlink` end what follows.
-include("../scenario.hrl").
main() ->
    trap(),
    [begin
         P = started(fun helpers:trap/0),
         [Do(P) || Do <- Steps],
         say([lists:sort(arrived())]),
         kill([P])
     end || Steps <- [
        [fun(P) -> exit(P, kill) end, fun(P) -> monitor(process, P) end, fun(P) -> link(P) end],
        [fun(P) -> monitor(process, P) end, fun(P) -> exit(P, kill) end, fun(P) -> monitor(process, P) end],
        [fun(P) -> link(P) end, fun(P) -> exit(P, kill) end],
        [fun(P) -> link(P) end, fun(P) -> unlink(P) end, fun(P) -> exit(P, kill) end],
        [fun(P) -> demonitor(monitor(process, P)) end, fun(P) -> exit(P, kill) end]]].
