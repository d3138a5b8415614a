function append(count) {
  let out = "";
  for (let i = 0; i < count; i++) out += String(i) + ",";
  return out;
}

function joined(count) {
  const parts = [];
  for (let i = 0; i < count; i++) parts.push(String(i * 7));
  return parts.join(";");
}

function run(rounds) {
  let total = 0;
  for (let i = 0; i < rounds; i++) total += append(20000).length + joined(20000).length;
  return total;
}

console.log(run(Number(process.argv[2])));
