-- Exceptions: thrown through three calls, caught by kind, with a cleanup on the way, and passed on; three turns of four
-- throw nothing. The first argument is the number of turns.

local Error = {}
Error.__index = Error

local function new_error(kind, message, data)
  return setmetatable({ kind = kind, message = message, data = data }, Error)
end

local function check(n)
  if n % 4 == 3 then
    error(new_error(n % 8 == 3 and "odd" or "even", "not accepted", n))
  end
  return n
end

local function middle(n)
  return check(n) + 1
end

local function run(turns)
  local total = 0
  local cleaned = 0
  local function guarded(n)
    local done, result = pcall(middle, n)
    cleaned = cleaned + 1
    if done then
      return result
    end
    if result.kind == "odd" then
      return 0 - result.data
    end
    error(result)
  end
  for i = 0, turns - 1 do
    local done, result = pcall(guarded, i)
    if done then
      total = (total + result) % 1000003
    else
      total = (total + result.data) % 1000003
    end
  end
  return total + cleaned
end

print(run(math.floor(tonumber(arg[1]))))
