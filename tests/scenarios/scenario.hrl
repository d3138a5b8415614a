%% What begins each scenario of Erlang: its name as a module, and the helpers.
-module(scenario).
-compile([export_all, nowarn_export_all]).
-import(trace, [say/1]).
-import(helpers, [alive/1, arrived/0, fate/2, fates/2, inside/2, join/2, kill/1, next/0, pause/0, plain/1, started/0,
    started/1, started/2, told/1, trap/0]).
