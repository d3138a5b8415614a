%% Tasks, which Erlang's library does not have: processes that are watched and not linked, and give a value.
-module(tasks).
-export([async/1, await/2]).
-import(helpers, [plain/1]).

async(F) ->
    Me = self(),
    Ref = make_ref(),
    {P, Watch} = spawn_monitor(fun() -> Me ! {Ref, F()} end),
    {P, Watch, Ref}.

await({_, Watch, Ref}, Ms) ->
    receive
        {Ref, Value} -> demonitor(Watch, [flush]), Value;
        {'DOWN', Watch, _, _, Reason} -> plain(Reason)
    after Ms -> timeout
    end.
