%% A link with the dead is an exit signal `noproc`, which ends who does not trap it. (There Erlang throws it instead, for
%% a process of the same node.)
-include("../scenario.hrl").
main() ->
    Dead = started(), fate(Dead, fun() -> Dead ! boom end),
    [begin
         P = started(Prepare),
         Ended = fate(P, fun() -> P ! {do, self(), fun() -> link(Dead), receive after 10 -> ok end end} end),
         say([case Ended of {error, Reason} -> Reason; _ -> Ended end])
     end || Prepare <- [fun() -> ok end, fun helpers:trap/0]],
    trap(),
    say([link(Dead), [R || {exit, R} <- arrived()]]),
    say([unlink(Dead), arrived()]),
    link(Dead), link(Dead),
    say([length([R || {exit, R} <- arrived()])]).
