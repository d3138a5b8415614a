%% The strategy rest-for-one: who is ended and started again, in which order.
-module(scenario).
-export([main/0]).
-import(trace, [say/1]).
-import(supervision, [child/2, supervisor/2, pause/0, crash/2, children/1, stop/1]).

main() ->
    {ok, Top} = supervisor(#{strategy => rest_for_one, intensity => 9, period => 5},
        [child(a, permanent), child(b, permanent), child(c, transient), child(d, temporary), child(e, permanent)]),
    [begin crash(Name, boom), children(Top) end || Name <- [b, a, e]],
    gen_server:cast(c, {exit, normal}),
    pause(),
    children(Top),
    crash(a, boom),
    children(Top),
    say([stop(Top) =:= ok]).
