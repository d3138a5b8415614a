local function make(depth)
  if depth == 0 then return { false, false } end
  return { make(depth - 1), make(depth - 1) }
end

local function check(tree)
  if not tree[1] then return 1 end
  return 1 + check(tree[1]) + check(tree[2])
end

local function run(most)
  local long, total = make(most), 0
  for depth = 4, most, 4 do
    for _ = 1, 2 ^ (most - depth + 4) do total = total + check(make(depth)) end
  end
  return total + check(long)
end

print(string.format("%d", run(tonumber(arg[1]))))
