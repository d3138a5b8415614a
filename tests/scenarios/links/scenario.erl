%% What a link carries, and what becomes of it.
-module(scenario).
-export([main/0]).
-import(trace, [say/1]).

waits() -> receive Reason -> exit(Reason) end.
ended(P) -> Watch = monitor(process, P), receive {'DOWN', Watch, _, _, Reason} -> Reason end.
pause() -> receive after 40 -> ok end.

chain(0, To) -> To ! self(), waits();
chain(N, To) -> spawn_link(fun() -> chain(N - 1, To) end), receive X -> X end.

main() ->
    Me = self(),
    First = spawn(fun() -> chain(2, Me) end),
    Watch = monitor(process, First),
    Last = receive P when is_pid(P) -> P end,
    Last ! boom,
    receive {'DOWN', Watch, _, _, R0} -> say([chain, R0]) end,
    A = spawn(fun waits/0),
    B = spawn(fun() -> link(A), waits() end),
    pause(), A ! normal, pause(),
    say([alive, is_process_alive(B)]),
    exit(B, kill),
    process_flag(trap_exit, true),
    C = spawn_link(fun waits/0),
    C ! why,
    receive {'EXIT', C, R1} -> say([trapped, R1]) end,
    D = spawn_link(fun() -> ok end),
    receive {'EXIT', D, R2} -> say([trapped, R2]) end,
    link(C),
    receive {'EXIT', C, R3} -> say(['linked-with-dead', R3]) end,
    E = spawn_link(fun waits/0),
    exit(E, kill),
    receive {'EXIT', E, R4} -> say([killed, R4]) end,
    F = spawn_link(fun waits/0),
    unlink(F),
    exit(F, kill),
    say([unlinked, ended(F)]),
    receive {'EXIT', F, R5} -> say([exit, R5]) after 20 -> say([nothing]) end,
    G = spawn_link(fun waits/0),
    link(G), unlink(G), G ! gone,
    receive {'EXIT', G, R6} -> say([exit, R6]) after 20 -> say([nothing]) end.
