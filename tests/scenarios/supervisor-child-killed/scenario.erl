%% Children that are ended by signals from outside are started again like others.
-include("../scenario.hrl").
-import(supervision, [child/2, plain_child/2, supervisor/2, children/1, stop/1]).
main() ->
    {ok, Top} = supervisor(#{intensity => 20}, [child(a, permanent), plain_child(b, transient), plain_child(c, temporary)]),
    [begin say([Name, Reason]), exit(whereis(Name), Reason), pause(), children(Top) end
     || {Name, Reason} <- [{a, kill}, {a, boom}, {b, normal}, {b, boom}, {b, kill}, {b, shutdown}, {c, kill}]],
    stop(Top).
