%% Who is told of an end by a watch or a link finds the name free, and takes it.
-include("../scenario.hrl").
heir(_, 0) -> ok;
heir(Name, N) ->
    P = spawn_link(fun() -> register(Name, self()), receive Reason -> exit(Reason) end end),
    W = monitor(process, P),
    pause(),
    Name ! boom,
    case N rem 2 of
        0 -> receive {'DOWN', W, _, _, _} -> ok end;
        1 -> receive {'EXIT', P, _} -> ok end
    end,
    say([whereis(Name), register(Name, self())]),
    unregister(Name),
    heir(Name, N - 1).

main() -> trap(), heir(one, 6).
