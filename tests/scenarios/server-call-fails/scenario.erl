%% What a call throws if the server has ended, was never there, or ends before it replies.
-include("../scenario.hrl").
-import(servers, [start/1, why/1, exits/0]).
main() ->
    trap(),
    Call = fun(S, Message) -> why(fun() -> gen_server:call(S, Message) end) end,
    Dead = start(false), gen_server:stop(Dead),
    say([Call(Dead, get), Call(nobody, get), exits()]),
    [begin S = start(Traps), say([Call(S, Message), exits(), alive(S)]) end
     || Traps <- [false, true],
        Message <- [{exit, boom}, {exit, normal}, {exit, shutdown}, {exit, {shutdown, 1}}, {fail, oops}]],
    [begin
         S = start(Traps),
         spawn(fun() -> pause(), exit(S, Reason) end),
         say([Call(S, later), exits()])
     end || {Traps, Reason} <- [{false, boom}, {false, kill}, {true, kill}]].
