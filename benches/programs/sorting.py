import sys
def run(count):
    total = 0
    for r in range(4):
        xs, s = [], r + 12345
        for _ in range(count):
            s = (s * 16807 + 11) % 2147483647
            xs.append(s % 1000003)
        xs = sorted(xs)
        total += xs[count // 2]
    words = []
    for i in range(count // 4):
        words.append(str(i * 7919 % 1000003))
    words = sorted(words)
    return total + len(words[0])
print(run(int(sys.argv[1])))
