%% A child that cannot be started again is tried until it can, or until that were too many restarts.
-include("../scenario.hrl").
-import(supervision, [child/2, supervisor/2, crash/2, children/1, stop/1]).

%% Starts work for as many times as `Works` says, then fail for `Fails` times, then work again.
counts(N) -> receive {next, From} -> From ! {count, N}, counts(N + 1) end.
count() -> counter ! {next, self()}, receive {count, N} -> N end.
start(Works, Fails) ->
    N = count(),
    case N >= Works andalso N < Works + Fails of
        true -> say([refuses, N]), {error, refused};
        false -> gen_server:start_link({local, b}, supervision, {b, false}, [])
    end.

main() ->
    trap(),
    [begin
         say([Strategy, Fails]),
         Counter = spawn(fun() -> counts(0) end), register(counter, Counter),
         {ok, Top} = supervisor(#{strategy => Strategy, intensity => 3, period => 5},
             [child(a, permanent), #{id => b, start => {scenario, start, [1, Fails]}}, child(c, permanent)]),
         crash(b, boom), pause(),
         case alive(Top) of
             true -> children(Top), stop(Top);
             false -> say([receive {'EXIT', Top, R} -> R end, whereis(a)])
         end,
         fate(Counter, fun() -> exit(Counter, kill) end), arrived()
     end || Strategy <- [one_for_one, one_for_all, rest_for_one], Fails <- [1, 2, 3]].
