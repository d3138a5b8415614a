import sys


def make(depth):
    return [None, None] if depth == 0 else [make(depth - 1), make(depth - 1)]


def check(tree):
    return 1 if tree[0] is None else 1 + check(tree[0]) + check(tree[1])


def run(most):
    long, total = make(most), 0
    for depth in range(4, most + 1, 4):
        for _ in range(2 ** (most - depth + 4)):
            total += check(make(depth))
    return total + check(long)


print(run(int(sys.argv[1])))
