%% A branch whose shutdown is `kill`: its supervisor cannot end its children, which learn of it by their links.
-include("../scenario.hrl").
-import(supervision, [child/2, plain_child/2, supervisor/2, stop/1]).
main() ->
    {ok, Top} = supervisor(#{}, [
        child(a, permanent),
        #{id => branch, type => supervisor, shutdown => brutal_kill,
          start => {supervisor, start_link, [supervision, {supervisor, #{}, [plain_child(b, permanent), plain_child(c, permanent)]}]}}]),
    Watches = [monitor(process, Name) || Name <- [b, c]],
    stop(Top),
    say([[receive {'DOWN', W, _, _, R} -> R end || W <- Watches]]).
