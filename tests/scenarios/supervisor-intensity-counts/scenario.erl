%% What counts as a restart: each end that starts children again, however many; ends that do not, do not.
-include("../scenario.hrl").
-import(supervision, [child/2, supervisor/2, crash/2, stop/1]).
main() ->
    trap(),
    [begin
         say([Strategy, Crashes]),
         {ok, Top} = supervisor(#{strategy => Strategy, intensity => 2, period => 5},
             [child(a, permanent), child(b, transient), child(c, temporary)]),
         [whereis(Name) =/= undefined andalso crash(Name, Reason) || {Name, Reason} <- Crashes],
         say([receive {'EXIT', Top, R} -> R after 0 -> lives end]),
         alive(Top) andalso stop(Top)
     end || Strategy <- [one_for_one, one_for_all, rest_for_one],
            Crashes <- [[{a, boom}, {a, normal}], [{a, boom}, {a, boom}, {a, boom}], [{b, boom}, {c, boom}, {a, boom}],
                        [{b, normal}, {a, boom}, {a, boom}], [{b, boom}, {a, boom}, {b, boom}]]].
