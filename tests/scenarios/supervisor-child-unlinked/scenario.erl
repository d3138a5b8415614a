%% A child that has ended the link with its supervisor is ended with the others all the same.
-include("../scenario.hrl").
-import(supervision, [child/2, supervisor/2, stop/1, children/1]).
start(Traps) ->
    Top = self(),
    P = spawn_link(fun() -> process_flag(trap_exit, Traps), unlink(Top), Top ! {ready, self()}, receive {'EXIT', _, R} -> exit({got, R}) end end),
    receive {ready, P} -> {ok, P} end.
main() ->
    {ok, Top} = supervisor(#{}, [child(a, permanent), #{id => b, start => {scenario, start, [false]}}, #{id => c, start => {scenario, start, [true]}}]),
    Watches = [monitor(process, P) || {Id, P, _, _} <- supervisor:which_children(Top), Id =/= a],
    stop(Top),
    say([[receive {'DOWN', W, _, _, R} -> R end || W <- Watches]]).
