# Exceptions: thrown through three calls, caught by kind, with a `finally` on the way, and passed on; three turns of four
# throw nothing. The first argument is the number of turns.

import sys


class Error(Exception):
    def __init__(self, kind, message, data):
        self.kind = kind
        self.message = message
        self.data = data


def check(n):
    if n % 4 == 3:
        raise Error("odd" if n % 8 == 3 else "even", "not accepted", n)
    return n


def middle(n):
    return check(n) + 1


def run(turns):
    total = 0
    cleaned = 0

    def guarded(n):
        nonlocal cleaned
        try:
            return middle(n)
        except Error as error:
            if error.kind == "odd":
                return 0 - error.data
            raise
        finally:
            cleaned += 1

    for i in range(turns):
        try:
            total = (total + guarded(i)) % 1000003
        except Error as error:
            total = (total + error.data) % 1000003
    return total + cleaned


print(run(int(sys.argv[1])))
