% The strategy one-for-all with a child of each restart type that ends for each reason.
-include("../scenario.hrl").
main() -> supervision:matrix(one_for_all).
