%% A server whose constructor fails: who starts it is told, and the name is free.
-include("../scenario.hrl").
init({exit, Reason}) -> exit(Reason);
init({throw, X}) -> error(X);
init(fine) -> {ok, none}.
handle_call(_, _, S) -> {reply, fine, S}.
handle_cast(_, S) -> {noreply, S}.

main() ->
    trap(),
    [begin
         Started = gen_server:start_link({local, name}, scenario, What, []),
         say([case Started of {ok, P} -> gen_server:call(P, get); {error, R} -> plain(R) end]),
         say([is_pid(whereis(name)), is_pid(whereis(name)) andalso gen_server:stop(name) =:= ok]),
         arrived()
     end || What <- [{exit, boom}, fine, {exit, normal}, {throw, oops}, fine]].
