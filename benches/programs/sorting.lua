local function run(count)
  local total = 0
  for round = 0, 3 do
    local xs, s = {}, round + 12345
    for _ = 1, count do
      s = (s * 16807 + 11) % 2147483647
      xs[#xs + 1] = s % 1000003
    end
    table.sort(xs)
    total = total + xs[math.floor(count / 2) + 1]
  end
  local words = {}
  for i = 0, math.floor(count / 4) - 1 do words[#words + 1] = string.format("%d", i * 7919 % 1000003) end
  table.sort(words)
  return total + #words[1]
end

print(string.format("%d", run(tonumber(arg[1]))))
