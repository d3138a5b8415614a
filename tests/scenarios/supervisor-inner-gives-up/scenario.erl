%% An inner supervisor that gives up is one end for the outer one, which has a strategy and an intensity of its own.
-include("../scenario.hrl").
-import(supervision, [child/2, plain_child/2, supervisor/2, crash/2, children/1, stop/1]).
inner(Restart) ->
    #{id => inner, type => supervisor, restart => Restart,
      start => {supervisor, start_link, [{local, inner}, supervision, {supervisor, #{intensity => 0}, [plain_child(b, permanent)]}]}}.
main() ->
    trap(),
    [begin
         say([Strategy, Restart]),
         {ok, Top} = supervisor(#{strategy => Strategy, intensity => 1}, [child(a, permanent), inner(Restart), child(c, permanent)]),
         b ! boom, pause(),
         children(Top),
         case whereis(b) of undefined -> ok; _ -> b ! boom end,
         pause(),
         case alive(Top) of
             true -> children(Top), stop(Top), arrived();
             false -> say([arrived()])
         end
     end || Strategy <- [one_for_one, one_for_all, rest_for_one], Restart <- [permanent, transient, temporary]].
