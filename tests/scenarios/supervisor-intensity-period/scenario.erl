%% Restarts that are longer ago than the period do not count. (Erlang counts whole seconds.)
-include("../scenario.hrl").
-import(supervision, [child/2, supervisor/2, crash/2]).
main() ->
    trap(),
    {ok, Top} = supervisor(#{intensity => 1, period => 1}, [child(a, permanent)]),
    crash(a, boom),
    receive after 2100 -> ok end,
    crash(a, boom),
    say([alive(Top)]),
    crash(a, boom),
    say([alive(Top), receive {'EXIT', Top, Reason} -> Reason after 0 -> lives end]).
