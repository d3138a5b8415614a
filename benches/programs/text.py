# Text: split, join, replace, slice, search and a walk over characters; word by word a text is made, counted and turned.
# The first argument is the number of rounds.

import sys


def make(count, seed):
    parts = []
    state = seed
    for _ in range(count):
        state = (state * 171 + 11213) % 53125
        parts.append("w" + str(state % 200))
    return " ".join(parts)


def frequencies(text):
    counts = {}
    for word in text.split(" "):
        counts[word] = counts.get(word, 0) + 1
    return counts


def digits(text):
    total = 0
    for c in text:
        if "0" <= c and c <= "9":
            total += 1
    return total


def turned(text):
    out = ""
    for word in text.split(" "):
        out += word[1:] + (word[0] + ",")
    return out


def round_of(seed):
    text = make(2000, seed)
    counts = frequencies(text)
    changed = text.upper().replace("W1", "one-")
    return len(counts) + (
        counts.get("w7", 0) + (digits(changed) + (len(turned(text)) + (len(changed) + changed.find("W9"))))
    )


def run(rounds):
    total = 0
    for i in range(rounds):
        total = (total + round_of(i)) % 1000003
    return total


print(run(int(sys.argv[1])))
