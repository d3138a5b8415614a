%% A child that ends while its supervisor ends the others for a restart, or while it stops, is no end of its own.
-include("../scenario.hrl").
-import(supervision, [child/2, plain_child/2, supervisor/2, crash/2, children/1, stop/1]).
%% When it is to end it has another end, too.
start(Name, Other) ->
    Me = self(),
    P = spawn_link(fun() ->
        trap(), register(Name, self()), say([start, Name]), Me ! {ready, self()},
        receive {'EXIT', _, R} -> say(['end', Name, R]), exit(whereis(Other), boom), pause(), exit(R) end
    end),
    receive {ready, P} -> {ok, P} end.

main() ->
    {ok, Top} = supervisor(#{strategy => one_for_all, intensity => 2}, [
        plain_child(a, permanent),
        #{id => b, start => {scenario, start, [b, a]}},
        child(c, permanent)]),
    crash(c, boom), pause(), pause(),
    children(Top),
    crash(c, boom), pause(), pause(),
    children(Top),
    stop(Top).
