import sys


def append(count):
    out = ""
    for i in range(count):
        out += str(i) + ","
    return out


def joined(count):
    parts = []
    for i in range(count):
        parts.append(str(i * 7))
    return ";".join(parts)


def run(rounds):
    total = 0
    for _ in range(rounds):
        total += len(append(20000)) + len(joined(20000))
    return total


print(run(int(sys.argv[1])))
