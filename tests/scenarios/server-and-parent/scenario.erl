%% What a server that traps exits makes of the end of others, and of its parent's.
-module(scenario).
-behaviour(gen_server).
-export([main/0, init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).
-import(trace, [say/1]).

init(traps) -> process_flag(trap_exit, true), {ok, none};
init(plain) -> {ok, none}.
handle_call(Message, _, S) -> {reply, Message, S}.
handle_cast(_, S) -> {noreply, S}.
handle_info({'EXIT', _, Reason}, S) -> say([info, Reason]), {noreply, S}.
terminate(Reason, _) -> say([terminate, Reason]).

family(Class, Reason) ->
    Me = self(),
    Parent = spawn(fun() ->
        {ok, P} = gen_server:start_link(scenario, Class, []),
        Me ! P,
        receive 'end' -> exit(Reason) end
    end),
    Server = receive Q when is_pid(Q) -> Q end,
    case Class of
        traps ->
            {_, W} = spawn_monitor(fun() -> link(Server), exit(other) end),
            receive {'DOWN', W, _, _, _} -> ok end;
        plain -> ok
    end,
    gen_server:call(Server, sync),
    Watch = monitor(process, Server),
    Parent ! 'end',
    receive {'DOWN', Watch, _, _, Why} -> say([down, Why]) after 50 -> say([lives]) end.

main() ->
    family(traps, boom),
    family(traps, normal),
    family(traps, shutdown),
    family(plain, boom),
    family(plain, shutdown),
    family(plain, normal).
