%% Children whose shutdown is `kill` are not asked: what they would do at their end is not done.
-include("../scenario.hrl").
-import(supervision, [child/2, plain_child/2, supervisor/2, stop/1]).
brutal(Child) -> Child#{shutdown => brutal_kill}.
main() ->
    {ok, Top} = supervisor(#{}, [brutal(child(a, permanent)), child(b, permanent), brutal(plain_child(c, permanent))]),
    Watches = [monitor(process, Name) || Name <- [a, b, c]],
    stop(Top),
    say([[receive {'DOWN', W, _, _, R} -> R end || W <- Watches]]).
