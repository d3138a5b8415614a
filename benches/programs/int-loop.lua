-- A loop over ints: a checksum of as many numbers as the first argument says.

local function checksum(n)
  local s = 0
  for i = 0, n - 1 do
    s = (s * 3 + i) % 65521
  end
  return s
end

print(checksum(math.floor(tonumber(arg[1]))))
