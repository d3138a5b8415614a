function record(i) {
  return { id: i, name: "n" + String(i), tags: ["a", "b", String(i)], inner: { x: i, y: [i, i + 1, { deep: true }] } };
}

function weight(v) {
  const { id, inner: { x, y: [a, b] }, tags } = v;
  return id + x + a + b + tags.length;
}

function changed(v) {
  const other = {};
  for (const k in v) other[k] = v[k];
  other.extra = [1, 2, 3];
  return other;
}

function run(rounds) {
  let total = 0;
  for (let r = 0; r < rounds; r++) {
    const all = [];
    for (let i = 0; i < 2000; i++) all.push(record(i));
    for (const v of all) total += weight(v) % 1000;
    total += all.map(changed).length;
  }
  return total;
}

console.log(run(Number(process.argv[2])));
