%% A reply that was given before the end of the server is had, whatever the end.
-include("../scenario.hrl").
init(_) -> {ok, none}.
handle_call(Reason, From, none) -> gen_server:reply(From, replied), exit(Reason).
main() ->
    trap(),
    [begin
         {ok, S} = gen_server:start_link(scenario, none, []),
         say([gen_server:call(S, Reason), receive {'EXIT', S, R} -> R end])
     end || Reason <- [normal, boom, kill, shutdown]].
