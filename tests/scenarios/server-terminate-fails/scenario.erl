%% A server whose `terminate` throws or exits ends for that reason instead.
-include("../scenario.hrl").
init(Last) -> process_flag(trap_exit, true), {ok, Last}.
handle_call(_, _, Last) -> {reply, ok, Last}.
handle_cast(exit, _) -> exit(boom).
terminate(Reason, Last) -> say([terminate, plain(Reason)]), Last().

main() ->
    trap(),
    [begin
         {ok, S} = gen_server:start_link(scenario, Last, []),
         End(S),
         receive {'EXIT', S, Reason} -> say([plain(Reason)]) after 60 -> say([lives]) end
     end || Last <- [fun() -> error(oops) end, fun() -> exit(other) end, fun() -> ok end],
            End <- [fun(S) -> spawn(fun() -> gen_server:stop(S) end) end, fun(S) -> gen_server:cast(S, exit) end,
                    fun(S) -> exit(S, shutdown) end]].
