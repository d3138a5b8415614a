# A list of flags: the sieve of Eratosthenes below a million, as often as the first argument says.

import sys


def primes_below(n):
    prime = [True] * n
    found = 0
    for i in range(2, n):
        if prime[i]:
            found += 1
            for j in range(i * 2, n, i):
                prime[j] = False
    return found


def repeat(times):
    total = 0
    for k in range(times):
        total += primes_below(1000000)
    return total


print(repeat(int(sys.argv[1])))
