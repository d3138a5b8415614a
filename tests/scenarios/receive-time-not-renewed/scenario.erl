%% Messages that do not match do not put off the end of the time.
-include("../scenario.hrl").
main() ->
    [erlang:send_after(Ms, self(), {tick, Ms}) || Ms <- [20, 40, 80, 100]],
    say([receive wanted -> wanted after 60 -> late end]),
    say([[receive X -> X after 0 -> none end || _ <- [1, 2, 3]]]),
    say([arrived()]).
