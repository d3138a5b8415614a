%% Supervisors that supervise each other: an inner one that gives up is started again by the outer one.
-module(scenario).
-export([main/0]).
-import(trace, [say/1]).
-import(supervision, [child/2, supervisor/2, crash/2]).

inner(Name, Children) ->
    Flags = #{intensity => 1, period => 5},
    #{id => Name, type => supervisor, start => {supervisor, start_link, [{local, Name}, supervision, {supervisor, Flags, Children}]}}.

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
