%% A child that is stopped is ended as its shutdown says, and forgotten; the others are left alone, whatever the strategy.
-include("../scenario.hrl").
-import(supervision, [child/2, supervisor/2, crash/2, children/1, stop/1]).
stop_child(Top, Id) ->
    case supervisor:terminate_child(Top, Id) of
        ok -> supervisor:delete_child(Top, Id), true;
        {error, not_found} -> refused
    end.

main() ->
    [begin
         {ok, Top} = supervisor(#{strategy => Strategy}, [child(a, permanent), child(b, transient), child(c, temporary), child(d, permanent)]),
         [say([Id, stop_child(Top, Id), whereis(Id)]) || Id <- [b, c, a, nobody, b]],
         children(Top),
         supervisor:start_child(Top, child(a, permanent)),
         crash(d, boom),
         children(Top),
         stop(Top)
     end || Strategy <- [one_for_one, one_for_all, rest_for_one]].
