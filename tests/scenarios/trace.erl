%% What the scenarios of Erlang share: they print as Eva's `print` does.
-module(trace).
-export([say/1]).

say(Words) -> io:format("~s~n", [lists:join(" ", [word(Word) || Word <- Words])]).

word(true) -> "true";
word(false) -> "false";
word(undefined) -> "null";
word(Atom) when is_atom(Atom) -> [$: | string:replace(atom_to_list(Atom), "_", "-", all)];
word(Number) when is_integer(Number) -> integer_to_list(Number);
word(Tuple) when is_tuple(Tuple) -> ["#[", lists:join(" ", [word(Part) || Part <- tuple_to_list(Tuple)]), "]"];
word(List) when is_list(List) -> ["[", lists:join(" ", [word(Part) || Part <- List]), "]"].
