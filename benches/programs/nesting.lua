local function record(i)
  return {
    id = i, name = "n" .. tostring(i), tags = { "a", "b", tostring(i) },
    inner = { x = i, y = { i, i + 1, { deep = true } } },
  }
end

local function weight(v)
  local inner = v.inner
  return v.id + inner.x + inner.y[1] + inner.y[2] + #v.tags
end

local function changed(v)
  local other = {}
  for k, x in pairs(v) do other[k] = x end
  other.extra = { 1, 2, 3 }
  return other
end

local function run(rounds)
  local total = 0
  for _ = 1, rounds do
    local all = {}
    for i = 0, 1999 do all[#all + 1] = record(i) end
    for _, v in ipairs(all) do total = total + weight(v) % 1000 end
    local other = {}
    for i, v in ipairs(all) do other[i] = changed(v) end
    total = total + #other
  end
  return total
end

print(string.format("%d", run(tonumber(arg[1]))))
