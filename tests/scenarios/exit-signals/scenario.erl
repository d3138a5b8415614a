%% What signals do to those that trap exits and to those that do not, by reason and sender.
-module(scenario).
-export([main/0]).
-import(trace, [say/1]).

waits() -> receive stop -> stopped end.
traps(Me) ->
    process_flag(trap_exit, true),
    Me ! ready,
    receive {'EXIT', From, Reason} -> exit({got, From =:= Me, Reason}) end.
ends(Name, P, Reason) ->
    Watch = monitor(process, P),
    exit(P, Reason),
    receive {'DOWN', Watch, _, _, Why} -> say([Name, Why])
    after 20 -> say([Name, alive]), demonitor(Watch), exit(P, kill)
    end.

main() ->
    Me = self(),
    [begin
         P = spawn(fun waits/0),
         ends(plain, P, Reason),
         Q = spawn(fun() -> traps(Me) end),
         receive ready -> ok end,
         ends(traps, Q, Reason)
     end || Reason <- [normal, boom, kill, killed, {a, 1}]],
    {_, W} = spawn_monitor(fun() -> exit(self(), normal), receive after 20 -> exit('went-on') end end),
    receive {'DOWN', W, _, _, R1} -> say([self, R1]) end,
    {_, V} = spawn_monitor(fun() ->
        process_flag(trap_exit, true),
        exit(self(), normal),
        receive {'EXIT', From, Reason} -> exit({got, From =:= self(), Reason}) end
    end),
    receive {'DOWN', V, _, _, R2} -> say([self, R2]) end,
    process_flag(trap_exit, true),
    K = spawn_link(fun() -> exit(kill) end),
    receive {'EXIT', K, R3} -> say([link, R3]) end,
    {_, U} = spawn_monitor(fun() -> spawn_link(fun() -> exit(kill) end), receive never -> ok end end),
    receive {'DOWN', U, _, _, R4} -> say([link, R4]) end,
    say([dead, exit(K, boom)]).
