% The strategy rest-for-one with a child of each restart type that ends for each reason.
-include("../scenario.hrl").
main() -> supervision:matrix(rest_for_one).
