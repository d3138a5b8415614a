%% Supervisors that supervise each other: an inner one that gives up is started again by the outer one.
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

inner(Name, Children) ->
    Flags = #{intensity => 1, period => 5},
    #{id => Name, type => supervisor, start => {supervisor, start_link, [{local, Name}, ?MODULE, {supervisor, Flags, Children}]}}.

main() ->
    process_flag(trap_exit, true),
    {ok, Top} = supervisor(#{strategy => rest_for_one, intensity => 1, period => 5},
        [inner(left, [child(a, permanent), child(b, permanent)]), inner(right, [child(c, permanent)])]),
    crash(c, boom),
    crash(b, boom),
    crash(b, boom),
    say([[case whereis(Name) of P when is_pid(P) -> pid end || Name <- [left, a, b, right, c]]]),
    crash(c, boom),
    crash(c, boom),
    receive {'EXIT', Top, Reason} -> say([exit, Reason]) end,
    say([[whereis(Name) || Name <- [left, a, b, right, c]]]).
