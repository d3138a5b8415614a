%% Children that cannot start, at first and later.
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

refuses(Name) -> #{id => Name, start => {gen_server, start_link, [?MODULE, {Name, true}, []]}}.

main() ->
    process_flag(trap_exit, true),
    Failed = supervisor(#{}, [child(a, permanent), child(b, permanent), refuses(c), child(d, permanent)]),
    say([case Failed of {error, {shutdown, {failed_to_start_child, Id, _}}} -> Id; {ok, _} -> started end]),
    say([[whereis(Name) || Name <- [a, b, c, d]]]),
    %% OTP 25 leaves the exit of the supervisor in the mailbox; Eva's `start` throws, which says the same.
    receive {'EXIT', _, _} -> ok after 20 -> ok end,
    say([receive {'EXIT', _, _} -> exit after 20 -> nothing end]),
    {ok, Top} = supervisor(#{}, [child(a, permanent)]),
    say([case supervisor:start_child(Top, refuses(c)) of {ok, _} -> started; {error, {Reason, _}} when is_tuple(Reason) -> element(1, Reason); {error, {Reason, _}} -> Reason; {error, Reason} -> Reason end]),
    children(Top),
    say([case supervisor:start_child(Top, child(b, permanent)) of {ok, P} when is_pid(P) -> pid end]),
    say([case supervisor:start_child(Top, child(b, permanent)) of {error, {already_started, _}} -> again end]),
    children(Top),
    %% `stop-child` does both.
    say([{supervisor:terminate_child(Top, a), supervisor:delete_child(Top, a)} =:= {ok, ok}]),
    say([case supervisor:terminate_child(Top, a) of {error, not_found} -> 'not-found' end]),
    children(Top),
    stop(Top).
