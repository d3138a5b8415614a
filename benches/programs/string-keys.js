function run(count) {
  let total = 0;
  for (let round = 0; round < 3; round++) {
    const m = new Map();
    for (let i = 0; i < count; i++) m.set("key-" + String((i * 7919) % 10000019), i);
    for (let i = 0; i < count; i++) total += m.get("key-" + String((i * 7919) % 10000019)) % 10;
  }
  return total;
}

console.log(run(Number(process.argv[2])));
