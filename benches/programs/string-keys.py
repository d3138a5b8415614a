import sys
def run(count):
    total = 0
    for _ in range(3):
        m = {}
        for i in range(count):
            m["key-" + str(i * 7919 % 10000019)] = i
        for i in range(count):
            total += m["key-" + str(i * 7919 % 10000019)] % 10
    return total
print(run(int(sys.argv[1])))
