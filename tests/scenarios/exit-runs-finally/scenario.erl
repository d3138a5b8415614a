%% `exit` does what is to be done finally, from the inside out; catches of throws do not stop it.
-include("../scenario.hrl").
main() ->
    say([fate(spawn(fun() ->
        receive after 5 -> ok end,
        try
            try
                try exit(boom) catch throw:_ -> say([caught]) after say([inner]) end
            catch throw:_ -> say([caught]) after say([middle]) end,
            say(['not-reached'])
        after say([outer]) end
    end), fun() -> ok end)]).
