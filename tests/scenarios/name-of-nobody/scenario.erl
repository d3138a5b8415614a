%% A message to a name that nobody has is lost, also if somebody takes the name afterwards.
-include("../scenario.hrl").
send(Name, X) -> catch Name ! X.

main() ->
    send(nobody, lost),
    register(nobody, self()),
    say([arrived()]),
    send(nobody, found),
    say([arrived()]),
    unregister(nobody),
    send(nobody, lost),
    say([arrived(), whereis(nobody)]),
    say([monitor(process, nobody) =/= 1, next()]).
