%% Exit signals to a supervisor: its starter's end it, also `normal`; those of others do not, but for `kill`.
-include("../scenario.hrl").
-import(supervision, [child/2, supervisor/2]).
main() ->
    trap(),
    [begin
         {ok, Top} = supervisor(#{}, [child(a, permanent)]),
         Other = started(),
         say([Who, Reason, fate(Top, fun() ->
             case Who of
                 starter -> exit(Top, Reason);
                 other -> inside(Other, fun() -> exit(Top, Reason) end)
             end
         end)]),
         unlink(Top), fate(Top, fun() -> exit(Top, kill) end), pause()
     end || Who <- [starter, other], Reason <- [normal, shutdown, boom]],
    arrived().
