%% Nothing: what it takes to start and to end.
-module(empty).
-export([main/1]).

main(_) -> io:format("done~n").
