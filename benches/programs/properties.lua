-- Properties: balls whose places and speeds are read and written by name in a loop; the first argument is the number of
-- steps of a hundred balls.

local Ball = {}
Ball.__index = Ball

function Ball.new(x, y, dx, dy)
  local self = setmetatable({}, Ball)
  self.x = x
  self.y = y
  self.dx = dx
  self.dy = dy
  self.bounces = 0
  return self
end

local function move_balls(balls, size)
  for _, ball in ipairs(balls) do
    ball.x = ball.x + ball.dx
    ball.y = ball.y + ball.dy
    if ball.x < 0 or ball.x > size then
      ball.dx = 0 - ball.dx
      ball.bounces = ball.bounces + 1
    end
    if ball.y < 0 or ball.y > size then
      ball.dy = 0 - ball.dy
      ball.bounces = ball.bounces + 1
    end
  end
end

local function run(steps)
  local balls = {}
  for i = 0, 99 do
    balls[#balls + 1] = Ball.new(37 * i, 53 * i, i + 1, 50 - i)
  end
  for _ = 1, steps do
    move_balls(balls, 10000)
  end
  local total = 0
  for _, ball in ipairs(balls) do
    total = total + (ball.bounces + (ball.x + ball.y))
  end
  return total
end

print(run(math.floor(tonumber(arg[1]))))
