%% When a `receive` with a time takes a message, and when it gives up.
-include("../scenario.hrl").
main() ->
    [begin
         [self() ! X || X <- Before],
         [erlang:send_after(20, self(), X) || X <- Later],
         say([receive wanted -> wanted after Ms -> late end, arrived()])
     end || Ms <- [0, 50],
            {Before, Later} <- [{[], []}, {[wanted], []}, {[other, wanted], []}, {[other], []}, {[], [wanted]},
                                {[other], [other, wanted]}, {[wanted, wanted], [wanted]}]].
