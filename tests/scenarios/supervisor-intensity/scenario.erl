%% Too many restarts within a period end a supervisor, its children first.
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

run(Flags, Crashes) ->
    {ok, Top} = supervisor(Flags, [child(a, permanent), child(b, permanent), child(c, permanent)]),
    [crash(b, boom) || _ <- lists:seq(1, Crashes)],
    receive {'EXIT', Top, Reason} -> say([exit, Reason, whereis(a)])
    after 0 ->
        say([lives]),
        stop(Top),
        receive {'EXIT', Top, Reason} -> say([exit, Reason]) end
    end.

main() ->
    process_flag(trap_exit, true),
    run(#{intensity => 0, period => 1}, 1),
    run(#{intensity => 2, period => 5}, 2),
    run(#{intensity => 2, period => 5}, 3),
    run(#{}, 1),
    run(#{}, 2),
    run(#{strategy => one_for_all, intensity => 1, period => 5}, 2).
