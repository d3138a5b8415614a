%% A supervisor that is killed cannot end its children; those that are linked with it learn of it.
-include("../scenario.hrl").
-import(supervision, [child/2, plain_child/2, supervisor/2]).
main() ->
    trap(),
    {ok, Top} = supervisor(#{}, [child(a, permanent), plain_child(b, permanent)]),
    Watches = [monitor(process, Name) || Name <- [a, b]],
    exit(Top, kill),
    say([[receive {'DOWN', W, _, _, R} -> R end || W <- Watches], whereis(a), whereis(b)]),
    receive {'EXIT', Top, Reason} -> say([Reason]) end.
