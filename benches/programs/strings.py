# String building: lines put together from numbers and text, in blocks of a hundred; the first argument is the number
# of blocks, the result the number of characters made.

import sys


def block(first):
    text = ""
    for i in range(100):
        text = text + ("item " + (str(first + i) + ";"))
    return text


def build(blocks):
    total = 0
    for k in range(blocks):
        total += len(block(k * 100))
    return total


print(build(int(sys.argv[1])))
