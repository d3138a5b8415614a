%% What the scenarios of servers share: a server that does as it is told, and says what it gets.
-module(servers).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2, start/1, start/2, why/1, exits/0]).
-import(trace, [say/1]).
-import(helpers, [plain/1]).

start(Traps) -> {ok, P} = gen_server:start_link(?MODULE, Traps, []), P.
start(Traps, Name) -> {ok, P} = gen_server:start_link({local, Name}, ?MODULE, Traps, []), P.

%% Its state: a number, and who waits for an answer.
init(Traps) -> process_flag(trap_exit, Traps), {ok, {0, []}}.
handle_call(later, From, {N, Waiting}) -> {noreply, {N, Waiting ++ [From]}};
handle_call(Message, _, State) -> {Value, New} = do(Message, State), {reply, Value, New}.
handle_cast(Message, State) -> {_, New} = do(Message, State), {noreply, New}.
handle_info(Message, State) -> say([info, plain(Message)]), {noreply, State}.
terminate(Reason, {N, _}) -> say([terminate, plain(Reason), N]).

do({give, X}, State) -> {X, State};
do(get, {N, _} = State) -> {N, State};
do({add, K}, {N, Waiting}) -> {N + K, {N + K, Waiting}};
do({slow, Ms, X}, State) -> receive after Ms -> {X, State} end;
do({exit, Reason}, _) -> exit(Reason);
do({fail, X}, _) -> error(X);
do({call, Server, Message}, State) -> {gen_server:call(Server, Message), State};
do({'try', Server, Message}, State) -> {why(fun() -> gen_server:call(Server, Message) end), State};
do({timer, Ms, X}, State) -> erlang:send_after(Ms, self(), X), {ok, State};
do({watch, P}, State) -> monitor(process, P), {ok, State};
do({link, P}, State) -> link(P), {ok, State};
do({release, X}, {N, [From | Waiting]}) -> gen_server:reply(From, X), {ok, {N, Waiting}};
do({pass, P}, {N, [From | Waiting]}) -> P ! From, {ok, {N, Waiting}}.

%% The value of a function of the client, or why it failed.
why(F) ->
    try F()
    catch
        exit:{Reason, {gen_server, _, _}} -> plain(Reason);
        exit:{Reason, {sys, _, _}} -> plain(Reason);
        exit:Reason -> Reason
    end.

exits() -> receive {'EXIT', _, Reason} -> plain(Reason) after 30 -> nothing end.
