%% There is one link at most between two, whoever makes it.
-include("../scenario.hrl").
main() ->
    trap(),
    A = started(),
    say([link(A), link(A)]), join(A, self()),
    A ! boom,
    say([arrived()]),
    B = started(),
    link(B), link(B), join(B, self()), unlink(B),
    say([fate(B, fun() -> B ! boom end), arrived()]),
    C = started(),
    link(C), inside(C, fun() -> unlink(hd(element(2, process_info(self(), links)))) end),
    say([fate(C, fun() -> C ! boom end), arrived()]).
