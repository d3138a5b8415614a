# Maps: ints and strings as keys; entries are added, counted up, looked up, walked over and removed. The first argument
# is the number of rounds.

import sys


def ints(count):
    m = {}
    for i in range(count):
        m[i * 7919 % 100003] = i
    total = 0
    for i in range(count):
        if i in m:
            total += m[i] % 10
    for k, v in list(m.items()):
        if v % 3 == 0:
            del m[k]
    return total + len(m)


def strings(words, count):
    m = {}
    for i in range(count):
        word = words[i * 31 % len(words)]
        m[word] = m.get(word, 0) + 1
    total = 0
    for k, v in m.items():
        total += v * len(k)
    return total


def atoms(count):
    m = {"red": 1, "green": 2, "blue": 3}
    for i in range(count):
        m["red"] = (m["green"] + m["blue"]) % 1009
        m["green"] = (m["red"] + i) % 1009
        m["blue"] = m["red"]
    return m["red"] + (m["green"] + m["blue"])


def run(rounds):
    words = []
    for i in range(500):
        words.append("word-" + str(i * i))
    total = 0
    for _ in range(rounds):
        total = (total + (ints(20000) + (strings(words, 40000) + atoms(20000)))) % 1000003
    return total


print(run(int(sys.argv[1])))
