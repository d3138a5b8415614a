%% A supervisor that has a name: it is found by it, a second one is refused, and the name goes with it.
-include("../scenario.hrl").
-import(supervision, [child/2, children/1]).
start() -> supervisor:start_link({local, top}, supervision, {supervisor, #{}, [child(a, permanent)]}).
main() ->
    trap(),
    {ok, Top} = start(),
    say([whereis(top) =:= Top, case start() of {error, _} -> refused end]),
    children(top),
    gen_server:stop(top),
    say([whereis(top), whereis(a), told(fun() -> supervisor:which_children(top) end)]),
    {ok, _} = start(),
    children(top),
    gen_server:stop(top).
