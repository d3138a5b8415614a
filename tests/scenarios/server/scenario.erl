%% A server: calls, casts, other messages, replies that follow, replies that are late, ends.
-module(scenario).
-behaviour(gen_server).
-export([main/0, init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).
-import(trace, [say/1]).

init(N) -> {ok, {N, none}}.
handle_call(get, _, {N, _} = S) -> {reply, N, S};
handle_call({put, N}, _, {_, W}) -> {reply, ok, {N, W}};
handle_call({slow, Ms}, _, S) -> receive after Ms -> ok end, {reply, slow, S};
handle_call(wait, From, {N, _}) -> {noreply, {N, From}};
handle_call(exit, _, _) -> exit(enough).
handle_cast({add, K}, {N, W}) -> {noreply, {N + K, W}};
handle_cast(release, {_, W} = S) -> gen_server:reply(W, released), {noreply, S}.
handle_info(Message, S) -> say([info, Message]), {noreply, S}.
terminate(Reason, {N, _}) -> say([terminate, Reason, N]).

why(F) -> try F() catch exit:{Reason, _} -> Reason; exit:Reason -> Reason end.

main() ->
    {ok, Box} = gen_server:start_link(scenario, 1, []),
    say([gen_server:call(Box, get), gen_server:call(Box, {put, 5})]),
    gen_server:cast(Box, {add, 2}),
    Box ! hello,
    say([gen_server:call(Box, get)]),
    Me = self(),
    spawn(fun() -> Me ! gen_server:call(Box, wait) end),
    receive after 20 -> ok end,
    gen_server:cast(Box, release),
    say([receive X -> X end]),
    say([why(fun() -> gen_server:call(Box, {slow, 40}, 20) end)]),
    say([receive Y -> Y after 60 -> nothing end]),
    say([gen_server:call(Box, get)]),
    say([gen_server:stop(Box) =:= ok]),
    say([why(fun() -> gen_server:call(Box, get) end)]),
    say([begin gen_server:cast(Box, get), undefined end]),
    process_flag(trap_exit, true),
    {ok, Second} = gen_server:start_link({local, box}, scenario, 7, []),
    say([why(fun() -> gen_server:call(box, exit) end)]),
    receive {'EXIT', Second, R1} -> say([exit, R1]) end,
    say([whereis(box), why(fun() -> gen_server:call(box, get) end)]),
    {ok, Third} = gen_server:start_link(scenario, 8, []),
    gen_server:stop(Third, tired, infinity),
    receive {'EXIT', Third, R2} -> say([exit, R2]) end.
