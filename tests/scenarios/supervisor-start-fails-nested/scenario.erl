%% A child deep in a tree that cannot start: all that was started before is ended, the last first.
-include("../scenario.hrl").
-import(supervision, [child/2, supervisor/2]).
branch(Id, Children) ->
    #{id => Id, type => supervisor, start => {supervisor, start_link, [supervision, {supervisor, #{}, Children}]}}.
refuses(Name) -> #{id => Name, start => {gen_server, start_link, [supervision, {Name, true}, []]}}.
main() ->
    trap(),
    Failed = supervisor(#{}, [
        child(a, permanent),
        branch(left, [child(b, permanent), branch(deep, [child(c, permanent), refuses(d), child(e, permanent)]), child(f, permanent)]),
        child(g, permanent)]),
    say([case Failed of {error, {shutdown, {failed_to_start_child, Id, _}}} -> Id; {ok, _} -> started end]),
    say([[whereis(Name) || Name <- [a, b, c]]]).
