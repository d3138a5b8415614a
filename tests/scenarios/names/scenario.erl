%% Names are of one process each, and free when it has ended.
-module(scenario).
-export([main/0]).
-import(trace, [say/1]).

waits() -> receive {To, X} -> To ! {echo, X}, waits(); stop -> ok end.
ended(P) -> Watch = monitor(process, P), receive {'DOWN', Watch, _, _, Reason} -> Reason end.
told(F) -> try F() catch _:_ -> refused end.

main() ->
    A = spawn(fun waits/0),
    B = spawn(fun waits/0),
    say([register(one, A), whereis(one) =:= A, whereis(two)]),
    say([told(fun() -> register(one, B) end)]),
    one ! {self(), 1},
    say([receive X -> X end]),
    %% A process of Erlang has one name at most.
    say([told(fun() -> register(two, B) end)]),
    unregister(one),
    say([whereis(one), begin unregister(two), register(one, B) end, whereis(one) =:= B]),
    one ! stop,
    say([ended(B), whereis(one), whereis(two)]),
    say([told(fun() -> register(one, B) end)]),
    register(one, A),
    exit(A, kill),
    say([ended(A), whereis(one)]),
    say([lists:member(one, registered())]).
