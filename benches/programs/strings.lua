-- String building: lines put together from numbers and text, in blocks of a hundred; the first argument is the number
-- of blocks, the result the number of characters made.

local function block(first)
  local text = ""
  for i = 0, 99 do
    text = text .. ("item " .. (tostring(first + i) .. ";"))
  end
  return text
end

local function build(blocks)
  local total = 0
  for k = 0, blocks - 1 do
    total = total + #block(k * 100)
  end
  return total
end

print(build(math.floor(tonumber(arg[1]))))
