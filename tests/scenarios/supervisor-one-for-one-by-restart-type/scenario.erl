% The strategy one-for-one with a child of each restart type that ends for each reason.
-include("../scenario.hrl").
main() -> supervision:matrix(one_for_one).
