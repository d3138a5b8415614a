%% Timers, pauses and the order of what they bring.
-module(scenario).
-export([main/0]).
-import(trace, [say/1]).

next() -> receive X -> X after 500 -> nothing end.
cancel(T) -> is_integer(erlang:cancel_timer(T)).

main() ->
    Me = self(),
    erlang:send_after(40, Me, c), erlang:send_after(20, Me, a), erlang:send_after(30, Me, b),
    A = next(), B = next(), C = next(), D = next(),
    say([A, B, C, D]),
    T = erlang:send_after(20, Me, cancelled),
    C1 = cancel(T), C2 = cancel(T), N1 = next(),
    say([C1, C2, N1]),
    U = erlang:send_after(5, Me, done),
    N2 = next(),
    say([N2, cancel(U)]),
    erlang:send_after(0, Me, now),
    say([next()]),
    Me ! there,
    say([receive there -> there after 0 -> none end]),
    say([receive there -> there after 0 -> none end]),
    erlang:send_after(20, later, 'by-name'),
    erlang:send_after(20, spawn(fun() -> ok end), lost),
    register(later, Me),
    N3 = next(), N4 = next(),
    say([N3, N4]),
    erlang:send_after(10, Me, other),
    R = receive wanted -> wanted after 50 -> timeout end,
    say([R, next()]).
