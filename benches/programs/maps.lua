-- Maps: ints and strings as keys; entries are added, counted up, looked up, walked over and removed. The first
-- argument is the number of rounds.

local function ints(count)
  local m = {}
  local size = 0
  for i = 0, count - 1 do
    local key = (i * 7919) % 100003
    if m[key] == nil then
      size = size + 1
    end
    m[key] = i
  end
  local total = 0
  for i = 0, count - 1 do
    if m[i] ~= nil then
      total = total + m[i] % 10
    end
  end
  for k, v in pairs(m) do
    if v % 3 == 0 then
      m[k] = nil
      size = size - 1
    end
  end
  return total + size
end

local function strings(words, count)
  local m = {}
  for i = 0, count - 1 do
    local word = words[(i * 31) % #words + 1]
    m[word] = (m[word] or 0) + 1
  end
  local total = 0
  for k, v in pairs(m) do
    total = total + v * #k
  end
  return total
end

local function atoms(count)
  local m = { red = 1, green = 2, blue = 3 }
  for i = 0, count - 1 do
    m["red"] = (m["green"] + m["blue"]) % 1009
    m["green"] = (m["red"] + i) % 1009
    m["blue"] = m["red"]
  end
  return m["red"] + (m["green"] + m["blue"])
end

local function run(rounds)
  local words = {}
  for i = 0, 499 do
    words[#words + 1] = "word-" .. tostring(i * i)
  end
  local total = 0
  for _ = 1, rounds do
    total = (total + (ints(20000) + (strings(words, 40000) + atoms(20000)))) % 1000003
  end
  return total
end

print(run(math.floor(tonumber(arg[1]))))
