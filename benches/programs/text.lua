-- Text: split, join, replace, slice, search and a walk over characters; word by word a text is made, counted and turned.
-- The first argument is the number of rounds.

local function make(count, seed)
  local parts = {}
  local state = seed
  for _ = 1, count do
    state = (state * 171 + 11213) % 53125
    parts[#parts + 1] = "w" .. tostring(state % 200)
  end
  return table.concat(parts, " ")
end

local function split(text)
  local words = {}
  for word in string.gmatch(text, "[^ ]+") do
    words[#words + 1] = word
  end
  return words
end

local function frequencies(text)
  local counts = {}
  local size = 0
  for _, word in ipairs(split(text)) do
    local count = counts[word]
    if count == nil then
      size = size + 1
    end
    counts[word] = (count or 0) + 1
  end
  return counts, size
end

local function digits(text)
  local total = 0
  for i = 1, #text do
    local c = string.sub(text, i, i)
    if "0" <= c and c <= "9" then
      total = total + 1
    end
  end
  return total
end

local function turned(text)
  local out = ""
  for _, word in ipairs(split(text)) do
    out = out .. (string.sub(word, 2) .. (string.sub(word, 1, 1) .. ","))
  end
  return out
end

local function round_of(seed)
  local text = make(2000, seed)
  local counts, size = frequencies(text)
  local changed = string.gsub(string.upper(text), "W1", "one-")
  local place = string.find(changed, "W9", 1, true) - 1
  return size + ((counts["w7"] or 0) + (digits(changed) + (#turned(text) + (#changed + place))))
end

local function run(rounds)
  local total = 0
  for i = 0, rounds - 1 do
    total = (total + round_of(i)) % 1000003
  end
  return total
end

print(run(math.floor(tonumber(arg[1]))))
