%% The strategy rest-for-one: who is ended and started again, in which order.
-module(scenario).
-export([main/0, init/1, handle_call/3, handle_cast/2, terminate/2]).
-import(trace, [say/1]).

init({supervisor, Flags, Children}) -> {ok, {Flags, Children}};
init({Name, Fails}) ->
    process_flag(trap_exit, true),
    say([start, Name]),
    case Fails of true -> {stop, refused}; false -> {ok, Name} end.
handle_call(Message, _, S) -> {reply, Message, S}.
handle_cast({exit, Reason}, _) -> exit(Reason);
handle_cast({stop, Reason}, S) -> {stop, Reason, S}.
terminate(Reason, Name) -> say(['end', Name, Reason]).

child(Name, Restart) -> #{id => Name, restart => Restart, start => {gen_server, start_link, [{local, Name}, ?MODULE, {Name, false}, []]}}.
supervisor(Flags, Children) -> supervisor:start_link(?MODULE, {supervisor, Flags, Children}).
pause() -> receive after 40 -> ok end.
crash(Name, Reason) -> say([crash, Name]), gen_server:cast(Name, {exit, Reason}), pause().
children(Top) -> say([[[Id, is_pid(Pid)] || {Id, Pid, _, _} <- lists:reverse(supervisor:which_children(Top))]]).
stop(Top) -> gen_server:stop(Top).

main() ->
    {ok, Top} = supervisor(#{strategy => rest_for_one, intensity => 9, period => 5},
        [child(a, permanent), child(b, permanent), child(c, transient), child(d, temporary), child(e, permanent)]),
    [begin crash(Name, boom), children(Top) end || Name <- [b, a, e]],
    gen_server:cast(c, {exit, normal}),
    pause(),
    children(Top),
    crash(a, boom),
    children(Top),
    say([stop(Top) =:= ok]).
