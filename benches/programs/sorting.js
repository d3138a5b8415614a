function run(count) {
  let total = 0;
  for (let round = 0; round < 4; round++) {
    let xs = [];
    let s = round + 12345;
    for (let i = 0; i < count; i++) {
      s = (s * 16807 + 11) % 2147483647;
      xs.push(s % 1000003);
    }
    xs = xs.sort((a, b) => a - b);
    total += xs[Math.floor(count / 2)];
  }
  let words = [];
  for (let i = 0; i < Math.floor(count / 4); i++) words.push(String((i * 7919) % 1000003));
  words = words.sort();
  return total + words[0].length;
}

console.log(run(Number(process.argv[2])));
