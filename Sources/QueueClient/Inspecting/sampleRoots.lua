-- How thickly flows lie in a sorted set: looks at both ends and at some members at random.
--
-- KEYS  the sorted set
-- ARGV  the queue's base key; how many members of each kind; how many members make it worthwhile
-- Returns how many members there are, how many were looked at, and how many of them are flows.

local key, queue, count = KEYS[1], ARGV[1], tonumber(ARGV[2])
local size = ask('ZCARD', key) or 0
local ids
if size < tonumber(ARGV[3]) then return { size, 0, 0 } end
if size <= count * 3 then
  ids = ask('ZRANGE', key, 0, -1) or {}
else
  ids = {}
  for _, part in ipairs({ ask('ZRANGE', key, 0, count - 1), ask('ZRANGE', key, -count, -1),
    ask('ZRANDMEMBER', key, count) }) do
    for _, id in ipairs(part or {}) do ids[#ids + 1] = id end
  end
end
local flows = 0
for _, id in ipairs(ids) do
  local job = queue .. ':' .. id
  if isParent(job) and isRoot(job) then flows = flows + 1 end
end
return { size, #ids, flows }
