local function run(count)
  local total = 0
  for _ = 1, 5 do
    local m = {}
    for i = 0, count - 1 do m[i * 7919 % 10000019] = i end
    for i = 0, count - 1 do total = total + m[i * 7919 % 10000019] % 10 end
  end
  return total
end

print(string.format("%d", run(tonumber(arg[1]))))
