%% What a process sent before its end comes before the news of it.
-include("../scenario.hrl").
main() ->
    Me = self(),
    trap(),
    Speak = fun(Reason) -> fun() -> [Me ! N || N <- lists:seq(1, 5)], exit(Reason) end end,
    [begin
         spawn_monitor(Speak(Reason)), say([arrived()]),
         spawn_link(Speak(Reason)), say([arrived()])
     end || Reason <- [normal, boom, kill]].
