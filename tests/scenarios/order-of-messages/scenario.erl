%% Messages of each of several senders come in the order in which they were sent.
-include("../scenario.hrl").
main() ->
    Me = self(),
    [spawn(fun() -> [Me ! {I, N} || N <- lists:seq(1, 300)], Me ! {I, done} end) || I <- [1, 2, 3]],
    say([[receive {I, N} -> N =:= M end || M <- lists:seq(1, 300)] =:= lists:duplicate(300, true) || I <- [3, 1, 2]]),
    All = [receive {I, X} -> {I, X} end || I <- [1, 2, 3]],
    say([All, arrived()]).
