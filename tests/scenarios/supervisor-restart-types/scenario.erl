%% Which ends a child of each restart type comes back from.
-module(scenario).
-export([main/0]).
-import(trace, [say/1]).
-import(supervision, [child/2, supervisor/2, crash/2, children/1, stop/1]).

main() ->
    [begin
         say([Restart, Reason]),
         {ok, Top} = supervisor(#{}, [child(w, Restart)]),
         crash(w, Reason),
         children(Top),
         stop(Top)
     end || Restart <- [permanent, transient, temporary], Reason <- [normal, shutdown, {shutdown, soon}, boom]].
