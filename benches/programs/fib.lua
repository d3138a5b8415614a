-- Calls: the doubly recursive Fibonacci number of the first argument.

local function fib(n)
  if n < 2 then
    return n
  end
  return fib(n - 1) + fib(n - 2)
end

print(fib(math.floor(tonumber(arg[1]))))
