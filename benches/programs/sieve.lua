-- A list of flags: the sieve of Eratosthenes below a million, as often as the first argument says.

local function primes_below(n)
  local prime = {}
  for i = 0, n - 1 do
    prime[i] = true
  end
  local found = 0
  for i = 2, n - 1 do
    if prime[i] then
      found = found + 1
      for j = i * 2, n - 1, i do
        prime[j] = false
      end
    end
  end
  return found
end

local total = 0
for k = 1, tonumber(arg[1]) do
  total = total + primes_below(1000000)
end
print(total)
