%% An exit signal, also by a link or of oneself, does nothing finally.
-include("../scenario.hrl").
main() ->
    Guarded = fun(F) -> fun() -> try F(), receive never -> ok end after say([finally]) end end end,
    [begin {_, W} = spawn_monitor(Guarded(F)), say([Name, receive {'DOWN', W, _, _, R} -> R after 60 -> lives end]) end
     || {Name, F} <- [
        {signal, fun() -> exit(self(), boom) end},
        {kill, fun() -> exit(self(), kill) end},
        {link, fun() -> spawn_link(fun() -> exit(boom) end) end},
        {exit, fun() -> exit(boom) end}]].
