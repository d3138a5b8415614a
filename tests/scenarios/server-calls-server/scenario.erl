%% Servers that call each other: values come back, and so do ends.
-include("../scenario.hrl").
-import(servers, [start/1, exits/0]).
main() ->
    trap(),
    A = start(false), B = start(false), C = start(false),
    say([gen_server:call(A, {call, B, {call, C, {add, 7}}})]),
    %% One that calls itself does not wait for ever.
    say([gen_server:call(A, {'try', A, get}) =/= 0, gen_server:call(A, get)]),
    say([gen_server:call(A, {'try', B, {'try', C, {exit, boom}}}), exits()]).
