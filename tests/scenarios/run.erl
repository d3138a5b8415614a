%% Runs scenarios one after the other in one machine: `erl … -extra FILE…`, the files without their endings, this one
%% first, then what the scenarios share. What each prints follows a line that names it.
-module(run).
-export([main/0]).

%% How long one may take.
-define(LIMIT, 20000).

main() ->
    [_ | Files] = init:get_plain_arguments(),
    [case filename:basename(File) of
         "scenario" -> run(File);
         _ -> load(File)
     end || File <- Files],
    halt().

%% Compiles a module in memory.
load(File) ->
    case compile:file(File, [binary, return_errors]) of
        {ok, Module, Code} ->
            code:purge(Module),
            {module, Module} = code:load_binary(Module, File, Code),
            Module;
        Error -> io:format("~p~n", [Error]), halt(1)
    end.

run(File) ->
    Module = load(File),
    io:format("=== ~s~n", [File]),
    Before = processes(),
    {_, Watch} = spawn_monitor(Module, main, []),
    receive
        {'DOWN', Watch, _, _, normal} -> ok;
        {'DOWN', Watch, _, _, Reason} -> io:format("ended for ~p~n", [Reason])
    after ?LIMIT -> io:format("does not end~n")
    end,
    %% Nothing of it stays, its names least of all.
    Rest = [{P, monitor(process, P)} || P <- processes() -- Before],
    [begin exit(P, kill), receive {'DOWN', W, _, _, _} -> ok end end || {P, W} <- Rest].
