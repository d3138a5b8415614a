%% The end of who started a supervisor is its end, its children's first; that of others is not.
-include("../scenario.hrl").
-import(supervision, [child/2, supervisor/2]).
main() ->
    Me = self(),
    [begin
         Starter = started(fun() -> ok end),
         Starter ! {do, Me, fun() -> {ok, Top} = supervisor(#{}, [child(a, permanent), child(b, permanent)]), Top end},
         Top = receive {did, Starter, P} -> P end,
         Other = started(), join(Other, Top),
         say([fate(Top, fun() -> Other ! boom end)]),
         say([fate(Top, fun() -> Starter ! Reason end), whereis(a)])
     end || Reason <- [normal, shutdown, boom]].
