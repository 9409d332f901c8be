-- One step through one kind of the children of a job that has many.
--
-- KEYS  the parent's key
-- ARGV  the kind; where the step begins, `0` at first; about how many children
-- Returns where the next step begins, `0` at the end; the children; of each what the parent keeps of it, where that is
-- short; of processed ones their names; and the keys that could not be read.

local parent, kind, from, count = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])

if kind == Kind.unprocessed then
  local step = ask('SSCAN', parent .. Beside.dependencies, from, 'COUNT', count) or { '0', {} }
  return { step[1], step[2], {}, {}, notes() }
end
if kind == Kind.failed then
  local first = tonumber(from)
  local children = ask('ZRANGE', parent .. Beside.unsuccessful, first, first + count - 1) or {}
  return { #children < count and '0' or tostring(first + count), children, {}, {}, notes() }
end

-- The values come along whether they are wanted or not: of large ones, only a few at a time.
local key = parent .. (kind == Kind.processed and Beside.processed or Beside.failed)
local usage = redis.pcall('MEMORY', 'USAGE', key)
local length = ask('HLEN', key) or 0
if type(usage) == 'number' and length > 0 then
  count = math.max(1, math.min(count, math.floor(4194304 * length / usage)))
end
local step = ask('HSCAN', key, from, 'COUNT', count) or { '0', {} }
local children, kept, names = {}, {}, {}
for place = 1, #step[2], 2 do
  local child, value = step[2][place], step[2][place + 1]
  children[#children + 1] = child
  if kind == Kind.processed then
    kept[#kept + 1] = #value <= 32 and value or ''
    names[#names + 1] = short(child, Field.name, 1024) or ''
  else
    kept[#kept + 1] = string.sub(value, 1, 500)
  end
end
return { step[1], children, kept, names, notes() }
