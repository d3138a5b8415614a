%% An inner supervisor that is killed is started again, with its children, when those of before have ended.
-include("../scenario.hrl").
-import(supervision, [child/2, plain_child/2, supervisor/2, children/1, stop/1]).
main() ->
    {ok, Top} = supervisor(#{}, [
        child(a, permanent),
        #{id => inner, type => supervisor, start => {supervisor, start_link, [{local, inner}, supervision, {supervisor, #{}, []}]}}]),
    [begin
         {ok, P} = supervisor:start_child(inner, plain_child(b, permanent)),
         supervisor:start_child(inner, plain_child(c, temporary)),
         children(inner),
         say([fate(P, fun() -> exit(whereis(inner), Reason) end)]),
         pause(),
         children(inner)
     end || Reason <- [kill]],
    children(Top),
    stop(Top).
