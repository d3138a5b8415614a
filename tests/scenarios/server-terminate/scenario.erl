%% Which ends of a server call `terminate`, by whether it traps exits.
-include("../scenario.hrl").
-import(servers, [start/1, exits/0]).
main() ->
    trap(),
    [begin
         S = start(Traps),
         gen_server:call(S, {add, 1}),
         say([Traps, Name]),
         End(S),
         say([exits(), alive(S)]),
         unlink(S), exit(S, kill)
     end || Traps <- [false, true], {Name, End} <- [
        {stop, fun(S) -> gen_server:stop(S) end},
        {'stop-shutdown', fun(S) -> gen_server:stop(S, shutdown, infinity) end},
        {exit, fun(S) -> gen_server:cast(S, {exit, boom}) end},
        {throw, fun(S) -> gen_server:cast(S, {fail, oops}) end},
        {'signal-of-parent', fun(S) -> exit(S, boom) end},
        {'normal-of-parent', fun(S) -> exit(S, normal) end},
        {'signal-of-other', fun(S) -> spawn(fun() -> exit(S, boom) end) end},
        {kill, fun(S) -> exit(S, kill) end}]].
