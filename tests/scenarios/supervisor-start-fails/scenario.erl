%% Children that cannot start, at first and later.
-module(scenario).
-export([main/0]).
-import(trace, [say/1]).
-import(supervision, [child/2, supervisor/2, children/1, stop/1]).

refuses(Name) -> #{id => Name, start => {gen_server, start_link, [supervision, {Name, true}, []]}}.

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
