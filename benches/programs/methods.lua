-- Methods: calls of own, inherited and overridden methods, one of them through the parent class, and their fields; the
-- first argument is the number of turns.

local Account = {}
Account.__index = Account

function Account.new(class, balance)
  local self = setmetatable({}, class)
  self.balance = balance
  self.entries = 0
  return self
end

function Account:current()
  return self.balance
end

function Account:add(amount)
  self.balance = (self.balance + amount) % 1000003
  self.entries = self.entries + 1
  return self
end

local Savings = setmetatable({}, { __index = Account })
Savings.__index = Savings

function Savings.new(class, balance, rate)
  local self = Account.new(class, balance)
  self.rate = rate
  return self
end

function Savings:add(amount)
  return Account.add(self, amount + self.rate)
end

function Savings:yield(months)
  return self.rate * months
end

local function run(n)
  local plain = Account:new(100)
  local savings = Savings:new(200, 7)
  for i = 0, n - 1 do
    plain:add(i)
    savings:add(savings:yield(3))
    plain:add(savings:current())
  end
  return plain:current() + (savings:current() + (plain.entries + savings.entries))
end

print(run(math.floor(tonumber(arg[1]))))
