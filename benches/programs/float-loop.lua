-- A loop over floats: how many points of a square grid stay bounded under z := z² + c for 50 steps. The first argument
-- is the number of points along a side.

local function bounded(cr, ci)
  local zr, zi = 0.0, 0.0
  for i = 0, 49 do
    local next = zr * zr - zi * zi + cr
    zi = 2.0 * zr * zi + ci
    zr = next
    if zr * zr + zi * zi > 4.0 then
      return false
    end
  end
  return true
end

local function count(n)
  local inside = 0
  for y = 0, n - 1 do
    for x = 0, n - 1 do
      if bounded(3.0 * x / n - 2.0, 2.0 * y / n - 1.0) then
        inside = inside + 1
      end
    end
  end
  return inside
end

print(count(math.floor(tonumber(arg[1]))))
