%% Messages, exit signals and the end of one process come to another in the order in which they were sent.
-include("../scenario.hrl").
main() ->
    trap(),
    Me = self(),
    [begin
         spawn(fun() -> link(Me), [do(Me, X) || X <- Steps] end),
         say([arrived()])
     end || Steps <- [[1, {exit, a}, 2, {exit, b}, 3, {'end', c}],
                      [{exit, a}, {exit, normal}, 1, {'end', normal}],
                      [1, unlink, {exit, a}, 2, {'end', c}],
                      [unlink, 1, link, 2, {'end', kill}],
                      [{exit, a}, unlink, link, {exit, b}, 1]]].
do(P, {exit, Reason}) -> exit(P, Reason);
do(_, {'end', Reason}) -> exit(Reason);
do(P, unlink) -> unlink(P);
do(P, link) -> link(P);
do(P, N) -> P ! N.
