%% `stop` waits for the end and gives the reason to those that are linked; of the dead it fails.
-include("../scenario.hrl").
-import(servers, [start/1, why/1, exits/0]).
main() ->
    trap(),
    [begin S = start(false), say([why(fun() -> gen_server:stop(S, Reason, infinity) =:= ok end), alive(S), exits()]) end
     || Reason <- [normal, shutdown, {shutdown, 1}, boom]],
    S = start(false),
    gen_server:cast(S, {slow, 30, x}),
    say([why(fun() -> gen_server:stop(S, normal, 5) =:= ok end), exits()]),
    pause(),
    say([why(fun() -> gen_server:stop(S) =:= ok end), why(fun() -> gen_server:stop(nobody) =:= ok end)]),
    T = start(false), gen_server:cast(T, {exit, boom}),
    say([why(fun() -> gen_server:stop(T) =:= ok end)]).
