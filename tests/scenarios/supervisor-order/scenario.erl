%% Children start in the order of the list, one after the other, and end in the reverse order.
-include("../scenario.hrl").
-import(supervision, [child/2, supervisor/2, stop/1]).
main() ->
    trap(),
    [begin
         {ok, Top} = supervisor(#{strategy => Strategy}, [child(Name, permanent) || Name <- [e, a, d, b, c]]),
         End(Top),
         say([Strategy, receive {'EXIT', Top, Reason} -> Reason end, whereis(a)])
     end || Strategy <- [one_for_one, one_for_all, rest_for_one],
            End <- [fun(Top) -> stop(Top) end, fun(Top) -> exit(Top, shutdown) end, fun(Top) -> exit(Top, boom) end]].
