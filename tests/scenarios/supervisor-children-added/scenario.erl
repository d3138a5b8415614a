%% Children that are added later: last in order, under the strategy like others.
-include("../scenario.hrl").
-import(supervision, [child/2, supervisor/2, crash/2, children/1, stop/1]).
main() ->
    [begin
         {ok, Top} = supervisor(#{strategy => Strategy, intensity => 9}, [child(a, permanent), child(b, permanent)]),
         [supervisor:start_child(Top, child(Name, Restart)) || {Name, Restart} <- [{c, permanent}, {d, temporary}, {e, transient}]],
         children(Top),
         [begin crash(Name, Reason), children(Top) end || {Name, Reason} <- [{b, boom}, {c, boom}, {e, normal}, {a, boom}]],
         stop(Top)
     end || Strategy <- [one_for_one, one_for_all, rest_for_one]].
