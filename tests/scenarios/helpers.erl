%% What the scenarios share: processes that do as they are told, and how others learn of their ends.
-module(helpers).
-export([alive/1, arrived/0, fate/2, fates/2, inside/2, join/2, kill/1, next/0, pause/0, plain/1, started/0, started/1,
    started/2, told/1, trap/0]).

%% Calls functions that it is sent, until it has an exit or anything else, for which it ends.
waits() ->
    receive
        {do, From, F} -> From ! {did, self(), F()}, waits();
        {'EXIT', _, Reason} -> exit({trapped, Reason});
        Reason -> exit(Reason)
    end.

%% One of them that has called a function first.
started(F) -> P = spawn(fun waits/0), inside(P, F), P.
started() -> started(fun() -> ok end).
%% A list of them.
started(N, F) -> [started(F) || _ <- lists:seq(1, N)].

%% Calls a function in one of them, and gives its value.
inside(P, F) -> P ! {do, self(), F}, receive {did, P, Value} -> Value end.

trap() -> process_flag(trap_exit, true).
join(P, Q) -> inside(P, fun() -> link(Q) end).
kill(Ps) -> [exit(P, kill) || P <- Ps], ok.
pause() -> receive after 30 -> ok end.
alive(P) -> is_process_alive(P).

%% For which reasons some processes end when a function is called.
fates(Ps, F) ->
    Watches = [monitor(process, P) || P <- Ps],
    F(),
    [receive {'DOWN', Watch, _, _, Reason} -> plain(Reason) after 30 -> demonitor(Watch, [flush]), alive end
     || Watch <- Watches].
fate(P, F) -> [Reason] = fates([P], F), Reason.

%% The next message, and all that come.
next() -> receive X -> plain(X) after 60 -> nothing end.
arrived() -> receive X -> [plain(X) | arrived()] after 60 -> [] end.

%% A message or reason without what differs from one run to the next.
plain({'EXIT', _, Reason}) -> {exit, plain(Reason)};
plain({'DOWN', _, process, _, Reason}) -> {down, plain(Reason)};
plain({{nocatch, X}, Stack}) when is_list(Stack) -> {error, X};
plain({X, Stack}) when is_list(Stack) -> {error, X};
plain(X) -> X.

told(F) -> try F() catch _:_ -> refused end.
