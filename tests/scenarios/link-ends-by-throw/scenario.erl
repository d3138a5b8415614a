%% A throw that nobody catches, an end that is normal, and `exit`, as those that are linked see them.
-include("../scenario.hrl").
main() ->
    trap(),
    [begin spawn_link(F), say([next()]) end || F <- [
        fun() -> throw(ball) end,
        fun() -> ok end,
        fun() -> exit(normal) end,
        fun() -> exit(boom) end,
        fun() -> try throw(ball) catch ball -> caught end end,
        fun() -> try throw(ball) after ok end end,
        fun() -> try throw(ball) catch ball -> throw(other) end end,
        fun() -> try throw(ball) after exit(boom) end end]].
