# Python's values as Eva's `repr` shows them.
import math, struct, base64, itertools

def show(v):
    if v is None: return "null"
    if v is True: return "true"
    if v is False: return "false"
    if isinstance(v, int): return str(v)
    if isinstance(v, float):
        text = repr(v)
        if "e" in text:
            mantissa, exponent = text.split("e")
            return mantissa.removesuffix(".0") + "e" + str(int(exponent))
        return text
    if isinstance(v, str): return '"' + v.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(v, bytes):
        named = {0: "\\0", 9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\"}
        octet = lambda b: named.get(b) or (chr(b) if 32 <= b < 127 else "\\x%02x" % b)
        return '#b"' + "".join(octet(b) for b in v) + '"'
    if isinstance(v, list): return "[" + " ".join(map(show, v)) + "]"
    if isinstance(v, tuple): return "#[" + " ".join(map(show, v)) + "]"
    if isinstance(v, dict): return "{" + " ".join(show(k) + " " + show(x) for k, x in v.items()) + "}"
    raise TypeError(type(v))

def group(f, xs):
    out = {}
    for x in xs: out.setdefault(f(x), []).append(x)
    return out
