-- Closures: one made and called in each turn of a loop, all changing the same captured variable; the first argument is
-- the number of turns.

local function sum_by_closures(n)
  local total = 0
  local function adder(k)
    return function(x)
      total = (total + k * x) % 1000003
      return total
    end
  end
  for i = 0, n - 1 do
    local add = adder(i)
    add(3)
    add(5)
  end
  return total
end

print(sum_by_closures(math.floor(tonumber(arg[1]))))
