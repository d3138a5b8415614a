%% The end of a task without a value reaches who awaits it, and only then; nobody is linked with it.
-include("../scenario.hrl").
-import(tasks, [async/1, await/2]).
main() ->
    Ends = [fun() -> throw(ball) end, fun() -> exit(boom) end, fun() -> exit(self(), kill) end, fun() -> exit(self(), boom) end,
            fun() -> try exit(a) after exit(b) end end],
    [begin T = async(F), pause(), say([await(T, 500), arrived()]) end || F <- Ends],
    Ts = [async(F) || F <- Ends],
    say([[await(T, 500) || T <- lists:reverse(Ts)]]),
    say([arrived()]).
