-- A loop of `..` takes time that grows with the square: as the manual advises, parts are joined in the end.
local function append(count)
  local out = {}
  for i = 0, count - 1 do out[#out + 1] = tostring(i) .. "," end
  return table.concat(out)
end

local function joined(count)
  local parts = {}
  for i = 0, count - 1 do parts[#parts + 1] = tostring(i * 7) end
  return table.concat(parts, ";")
end

local function run(rounds)
  local total = 0
  for _ = 1, rounds do total = total + #append(20000) + #joined(20000) end
  return total
end

print(string.format("%d", run(tonumber(arg[1]))))
