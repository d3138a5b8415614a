# Patterns: an evaluator of expressions that are tagged tuples, with lists, maps and guards in them; the first argument
# is how often the same expression is evaluated.

import sys


def evaluate(e, x):
    match e:
        case ("number", n):
            return n
        case ("argument",):
            return x
        case ("add", a, b):
            return evaluate(a, x) + evaluate(b, x)
        case ("multiply", a, b):
            return (evaluate(a, x) * evaluate(b, x)) % 10007
        case ("negate", a):
            return 0 - evaluate(a, x)
        case ("sum", [first, second, *rest]):
            return evaluate(first, x) + evaluate(second, x) + len(rest)
        case ("point", {"x": a, "y": b}):
            return evaluate(a, x) - evaluate(b, x)
        case ("if", _, a, _) if x > 500:
            return evaluate(a, x)
        case ("if", c, a, b):
            return evaluate(b, x) if evaluate(c, x) == 0 else evaluate(a, x)
        case _:
            raise ValueError("no expression")


def build(depth):
    if depth == 0:
        return ("add", ("argument",), ("number", 3))
    inner = build(depth - 1)
    return (
        "add",
        ("if", ("argument",), ("multiply", inner, ("number", 5)), ("negate", inner)),
        ("sum", [("point", {"x": inner, "y": ("number", 2)}), ("negate", ("argument",)), ("number", 1), ("number", 2)]),
    )


def run(turns):
    e = build(4)
    total = 0
    for i in range(turns):
        total = (total + evaluate(e, i % 1000)) % 1000003
    return total


print(run(int(sys.argv[1])))
