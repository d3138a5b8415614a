"""Computes cases by the rules of Eva's contract: one expression a line in, one line out.

The rules are Python's, but for what each function here says. A line of output is the value as Eva prints it, or
`error` and the kind of the error.
"""

import math
import sys

# Eva has no limit on digits, and its ints have at most this many bits.
sys.set_int_max_str_digits(0)
MAX_BITS = 2**18


class Failure(Exception):
    """An error of Eva's, by kind."""


def bounded(value):
    """An int beyond the limit is refused."""
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise Failure(":limit-error")
    return value


def is_int(*values):
    return all(isinstance(value, int) for value in values)


def add(first, *rest):
    for value in rest:
        first = bounded(first + value)
    return first


def mul(first, *rest):
    for value in rest:
        first = bounded(first * value)
    return first


def sub(first, *rest):
    return bounded(first - rest[0]) if rest else -first


def div(a, b):
    """Ints give an int when that is exact, else the nearest float; floats divide by zero as IEEE 754 says."""
    if is_int(a, b):
        if b == 0:
            raise Failure(":arithmetic-error")
        if a % b == 0:
            return a // b
        try:
            return a / b
        except OverflowError:
            raise Failure(":arithmetic-error")
    a, b = float(a), float(b)
    if b == 0.0:
        if a == 0.0 or math.isnan(a):
            return math.nan
        return math.copysign(math.inf, a) * math.copysign(1.0, b)
    return a / b


def floordiv(a, b):
    if is_int(a, b):
        if b == 0:
            raise Failure(":arithmetic-error")
        return a // b
    a, b = float(a), float(b)
    if b == 0.0:
        return div(a, b)
    return a // b


def mod(a, b):
    if is_int(a, b):
        if b == 0:
            raise Failure(":arithmetic-error")
        return a % b
    a, b = float(a), float(b)
    if b == 0.0:
        return math.nan
    return a % b


def power(a, b):
    """Ints give an int, or with a negative exponent the float nearest to it; floats are as C's pow gives them."""
    if is_int(a, b):
        if b >= 0:
            if abs(a) > 1 and (a.bit_length() - 1) * b > MAX_BITS:
                raise Failure(":limit-error")
            return bounded(a**b)
        if a == 0:
            raise Failure(":arithmetic-error")
        return 1 / a**-b
    a, b = float(a), float(b)
    odd = math.isfinite(b) and abs(math.fmod(b, 2.0)) == 1.0
    sign = -1.0 if odd and math.copysign(1.0, a) < 0 else 1.0
    try:
        return math.pow(a, b)
    except OverflowError:
        return sign * math.inf
    except ValueError:
        # Zero to a negative power, or a negative number to a fractional one.
        return sign * math.inf if a == 0.0 else math.nan


def bitand(a, b):
    return a & b


def bitor(a, b):
    return a | b


def bitxor(a, b):
    return a ^ b


def bitnot(a):
    return ~a


def shl(a, b):
    if b < 0:
        raise Failure(":value-error")
    return bounded(a << b)


def shr(a, b):
    if b < 0:
        raise Failure(":value-error")
    return a >> b


def eq(a, b):
    return a == b


def ne(a, b):
    return a != b


def lt(a, b):
    return a < b


def le(a, b):
    return a <= b


def gt(a, b):
    return a > b


def ge(a, b):
    return a >= b


def floor(a):
    return math.floor(a)


def ceil(a):
    return math.ceil(a)


def read(text):
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def backwards(values):
    """Sorted by `>`: equal ones stay in order."""
    return sorted(values, key=lambda value: Greater(value))


class Greater:
    """Orders the greater number first."""

    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return self.value > other.value


def shown(value):
    """As Eva's `repr`: Python's digits, with an exponent that has no plus and no leading zero."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + " ".join(shown(element) for element in value) + "]"
    if isinstance(value, float):
        text = repr(value)
        if "e" in text:
            digits, exponent = text.split("e")
            return f"{digits}e{int(exponent)}"
        return text
    return str(value)


def main():
    for line in sys.stdin:
        try:
            print(shown(eval(line)))
        except Failure as failure:
            print(f"error {failure}")


main()
