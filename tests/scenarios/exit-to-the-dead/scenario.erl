%% What is sent to the dead, messages or signals, is no error and does nothing.
-include("../scenario.hrl").
main() ->
    P = started(), fate(P, fun() -> P ! boom end),
    say([P ! message, exit(P, boom), exit(P, kill), unlink(P)]),
    say([alive(P), arrived()]),
    say([fate(P, fun() -> ok end)]).
