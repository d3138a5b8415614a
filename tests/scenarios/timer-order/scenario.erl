%% Timers come in the order of their times, whatever the order in which they were set.
-include("../scenario.hrl").
main() ->
    [begin
         [erlang:send_after(Ms, self(), Ms) || Ms <- Times],
         say([arrived()])
     end || Times <- [[0, 20, 40], [40, 20, 0], [45, 0, 15, 30], [30, 0, 15]]].
