# A loop over floats: how many points of a square grid stay bounded under z := z² + c for 50 steps. The first argument
# is the number of points along a side.

import sys


def bounded(cr, ci):
    zr = zi = 0.0
    for i in range(50):
        next = zr * zr - zi * zi + cr
        zi = 2.0 * zr * zi + ci
        zr = next
        if zr * zr + zi * zi > 4.0:
            return False
    return True


def count(n):
    inside = 0
    for y in range(n):
        for x in range(n):
            if bounded(3.0 * x / n - 2.0, 2.0 * y / n - 1.0):
                inside += 1
    return inside


print(count(int(sys.argv[1])))
