%% A ring of links, broken at each of its members.
-include("../scenario.hrl").
main() ->
    [begin
         Ps = started(5, fun() -> ok end),
         [join(P, Q) || {P, Q} <- lists:zip(Ps, tl(Ps) ++ [hd(Ps)])],
         say([fates(Ps, fun() -> exit(lists:nth(I, Ps), Reason) end)])
     end || I <- lists:seq(1, 5), Reason <- [boom, kill]].
