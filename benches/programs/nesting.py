import sys
def record(i):
    return {"id": i, "name": "n" + str(i), "tags": ["a", "b", str(i)], "inner": {"x": i, "y": [i, i + 1, {"deep": True}]}}
def weight(v):
    match v:
        case {"id": id, "inner": {"x": x, "y": [a, b, c]}, "tags": tags}:
            return id + x + a + b + len(tags)
    return 0
def changed(v):
    other = {}
    for k, x in v.items():
        other[k] = x
    other["extra"] = [1, 2, 3]
    return other
def run(rounds):
    total = 0
    for _ in range(rounds):
        every = []
        for i in range(2000):
            every.append(record(i))
        for v in every:
            total += weight(v) % 1000
        total += len([changed(v) for v in every])
    return total
print(run(int(sys.argv[1])))
