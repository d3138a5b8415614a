"""Writes beside each JSON document what examples/json must print for it: NAME.pretty and NAME.compact."""

import json
import re
import sys

MARK = "\ue000"  # stands in none of the documents


def float_text(text):
    """A float as Eva shows it: like Python, but without `+` and leading zeros in the exponent."""
    shown = repr(float(text))
    return MARK + re.sub(r"e([-+])0*", lambda found: "e" + found[1].strip("+"), shown) + MARK


def write(path, value, **form):
    text = json.dumps(value, ensure_ascii=False, **form)
    text = text.replace('"' + MARK, "").replace(MARK + '"', "")
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write(text + "\n")


for name in sys.argv[1:]:
    with open(name, encoding="utf-8", newline="") as document:
        value = json.loads(document.read(), parse_float=float_text)
    write(name + ".pretty", value, indent=2)
    write(name + ".compact", value, separators=(",", ":"))
