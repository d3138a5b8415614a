%% Children that end one right after the other are started again in that order.
-include("../scenario.hrl").
-import(supervision, [plain_child/2, supervisor/2, children/1, stop/1]).
main() ->
    [begin
         {ok, Top} = supervisor(#{intensity => 5}, [plain_child(N, permanent) || N <- [a, b, c, d]]),
         Top ! ignored,
         [fate(whereis(N), fun() -> N ! boom end) || N <- Names],
         pause(),
         children(Top),
         stop(Top)
     end || Names <- [[b, c], [a, d], [d, a], [a, b, c, d]]].
