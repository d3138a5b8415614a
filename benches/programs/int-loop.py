# A loop over ints: a checksum of as many numbers as the first argument says.

import sys


def checksum(n):
    s = 0
    for i in range(n):
        s = (s * 3 + i) % 65521
    return s


print(checksum(int(sys.argv[1])))
