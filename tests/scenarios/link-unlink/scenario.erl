%% After `unlink` no exit comes; one that has come already stays; a new link carries again.
-include("../scenario.hrl").
main() ->
    trap(),
    A = started(), link(A), say([unlink(A)]), A ! boom, say([arrived()]),
    B = started(), link(B), fate(B, fun() -> B ! boom end), pause(), say([unlink(B), arrived()]),
    C = started(), link(C), unlink(C), link(C), C ! again, say([arrived()]),
    D = started(), say([unlink(D), unlink(D)]), link(D), unlink(D), unlink(D), D ! boom, say([arrived()]).
