function make(depth) {
  return depth === 0 ? [null, null] : [make(depth - 1), make(depth - 1)];
}

function check(tree) {
  return tree[0] === null ? 1 : 1 + check(tree[0]) + check(tree[1]);
}

function run(most) {
  const long = make(most);
  let total = 0;
  for (let depth = 4; depth <= most; depth += 4) {
    const rounds = 2 ** (most - depth + 4);
    for (let i = 0; i < rounds; i++) total += check(make(depth));
  }
  return total + check(long);
}

console.log(run(Number(process.argv[2])));
