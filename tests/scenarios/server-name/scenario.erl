%% A second server of the same name is not started; the name goes with the server.
-include("../scenario.hrl").
-import(servers, [start/1, start/2, why/1]).
main() ->
    trap(),
    S = start(false, box),
    say([told(fun() -> start(false, box) end), gen_server:call(box, {add, 1}), whereis(box) =:= S]),
    gen_server:stop(box),
    say([whereis(box), why(fun() -> gen_server:call(box, get) end)]),
    T = start(false, box),
    say([gen_server:call(box, get), whereis(box) =:= T]),
    exit(T, kill), pause(),
    say([whereis(box)]), start(false, box),
    say([gen_server:call(box, get)]),
    gen_server:cast(nobody, x).
