# Closures: one made and called in each turn of a loop, all changing the same captured variable; the first argument is
# the number of turns.

import sys


def sum_by_closures(n):
    total = 0

    def adder(k):
        def add(x):
            nonlocal total
            total = (total + k * x) % 1000003
            return total

        return add

    for i in range(n):
        add = adder(i)
        add(3)
        add(5)
    return total


print(sum_by_closures(int(sys.argv[1])))
