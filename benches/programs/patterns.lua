-- Patterns: an evaluator of expressions that are tagged tables, with lists, maps and guards in them; the first argument
-- is how often the same expression is evaluated.

local function evaluate(e, x)
  local tag = e[1]
  if tag == "number" and #e == 2 then
    return e[2]
  elseif tag == "argument" and #e == 1 then
    return x
  elseif tag == "add" and #e == 3 then
    return evaluate(e[2], x) + evaluate(e[3], x)
  elseif tag == "multiply" and #e == 3 then
    return (evaluate(e[2], x) * evaluate(e[3], x)) % 10007
  elseif tag == "negate" and #e == 2 then
    return 0 - evaluate(e[2], x)
  elseif tag == "sum" and #e == 2 and #e[2] >= 2 then
    local first, second, rest = e[2][1], e[2][2], table.move(e[2], 3, #e[2], 1, {})
    return evaluate(first, x) + evaluate(second, x) + #rest
  elseif tag == "point" and #e == 2 and e[2].x ~= nil and e[2].y ~= nil then
    return evaluate(e[2].x, x) - evaluate(e[2].y, x)
  elseif tag == "if" and #e == 4 and x > 500 then
    return evaluate(e[3], x)
  elseif tag == "if" and #e == 4 then
    if evaluate(e[2], x) == 0 then
      return evaluate(e[4], x)
    end
    return evaluate(e[3], x)
  end
  error("no expression")
end

local function build(depth)
  if depth == 0 then
    return { "add", { "argument" }, { "number", 3 } }
  end
  local inner = build(depth - 1)
  return {
    "add",
    { "if", { "argument" }, { "multiply", inner, { "number", 5 } }, { "negate", inner } },
    {
      "sum",
      { { "point", { x = inner, y = { "number", 2 } } }, { "negate", { "argument" } }, { "number", 1 }, { "number", 2 } },
    },
  }
end

local function run(turns)
  local e = build(4)
  local total = 0
  for i = 0, turns - 1 do
    total = (total + evaluate(e, i % 1000)) % 1000003
  end
  return total
end

print(run(math.floor(tonumber(arg[1]))))
