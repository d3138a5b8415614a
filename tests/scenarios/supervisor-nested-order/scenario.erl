%% A tree of supervisors starts depth first, and ends in the reverse order, whole branches at a time.
-include("../scenario.hrl").
-import(supervision, [child/2, supervisor/2, crash/2, stop/1]).
inner(Name, Children) ->
    #{id => Name, type => supervisor, start => {supervisor, start_link, [{local, Name}, supervision, {supervisor, #{}, Children}]}}.

main() ->
    {ok, Top} = supervisor(#{strategy => one_for_all}, [
        child(a, permanent),
        inner(left, [child(b, permanent), inner(deep, [child(c, permanent), child(d, permanent)])]),
        inner(right, [child(e, permanent)]),
        child(f, permanent)]),
    crash(d, boom),
    crash(f, boom),
    stop(Top),
    say([[whereis(Name) || Name <- [left, deep, right, c]]]).
