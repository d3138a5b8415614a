%% The start waits for the constructor; messages that were sent meanwhile are handled after it.
-include("../scenario.hrl").
init(To) -> To ! {begun, self()}, pause(), To ! ready, {ok, none}.
handle_call(_, _, S) -> {reply, answer, S}.
handle_cast(Message, S) -> say([cast, Message]), {noreply, S}.

main() ->
    Me = self(),
    Helper = spawn(fun() ->
        receive {begun, P} -> gen_server:cast(P, early), Me ! {reply, gen_server:call(P, get)} end
    end),
    {ok, S} = gen_server:start_link(scenario, Helper, []),
    say([started]),
    say([arrived(), gen_server:stop(S) =:= ok]).
