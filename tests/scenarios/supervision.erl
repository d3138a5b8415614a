%% What the scenarios of supervisors share: workers that say when they start and end.
-module(supervision).
-export([matrix/1, plain_child/2, start_plain/1, init/1, handle_call/3, handle_cast/2, terminate/2, child/2, supervisor/2, pause/0, crash/2, children/1, stop/1]).
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

%% A child that is no server, and ends for what it is sent.
plain_child(Name, Restart) -> #{id => Name, restart => Restart, start => {?MODULE, start_plain, [Name]}}.
start_plain(Name) -> say([start, Name]), P = spawn_link(fun() -> receive Reason -> exit(Reason) end end), register(Name, P), {ok, P}.

%% What becomes of three children when the middle one, of each restart type, ends for each reason.
matrix(Strategy) ->
    [begin
         say([Restart, Reason]),
         {ok, Top} = supervisor(#{strategy => Strategy}, [child(a, permanent), child(b, Restart), child(c, permanent)]),
         crash(b, Reason),
         children(Top),
         stop(Top)
     end || Restart <- [permanent, transient, temporary], Reason <- [normal, shutdown, {shutdown, soon}, boom]].
