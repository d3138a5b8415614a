%% How long a supervisor waits for children that end slowly.
-module(scenario).
-export([main/0, init/1, handle_call/3, handle_cast/2, terminate/2]).
-import(trace, [say/1]).
-import(supervision, [child/2, supervisor/2, stop/1]).

init(Arguments) -> supervision:init(Arguments).
handle_call(Message, From, S) -> supervision:handle_call(Message, From, S).
handle_cast(Message, S) -> supervision:handle_cast(Message, S).
terminate(Reason, Name) -> say(['begin', Name, Reason]), receive after 60 -> ok end, say(['end', Name]).

slow(Name, Shutdown) ->
    (child(Name, permanent))#{shutdown => Shutdown, start => {gen_server, start_link, [{local, Name}, ?MODULE, {Name, false}, []]}}.

main() ->
    {ok, Top} = supervisor(#{}, [slow(a, 500), slow(b, 20), slow(c, brutal_kill), slow(d, infinity)]),
    Watches = [monitor(process, Name) || Name <- [a, b, c, d]],
    stop(Top),
    say([[receive {'DOWN', Watch, _, _, Reason} -> Reason end || Watch <- Watches]]).
