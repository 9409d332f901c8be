-- The flows among the jobs of a queue that stand in no order of time: those that are active, waiting, delayed or have a
-- priority; of long lists, both ends are looked at.
--
-- KEYS  the queue's base key
-- ARGV  how many jobs at each end are looked at, in each of: active, wait, paused, delayed, prioritized
-- Returns the flows, each by its place, its id and when it was added; for each place how many of its jobs were looked at
-- and how many there are; and the keys that could not be read.
--
-- A job without children whose parent is gone is one, too: nobody else would show it.

local queue = KEYS[1]
local flows, looks = {}, {}

local function take(place, ids)
  for _, id in ipairs(ids) do
    local job = queue .. ':' .. id
    if isParent(job) then
      if isRoot(job) then flows[#flows + 1] = { place, id, (short(job, Field.timestamp, 32)) } end
    else
      local parent = parentOf(job)
      if parent and not exists(parent) then flows[#flows + 1] = { place, id, (short(job, Field.timestamp, 32)) } end
    end
  end
end

for number, place in ipairs({ Suffix.active, Suffix.wait, Suffix.paused, Suffix.delayed, Suffix.prioritized }) do
  local key, count, isList = queue .. ':' .. place, tonumber(ARGV[number]), number <= 3
  local length = ask(isList and 'LLEN' or 'ZCARD', key) or 0
  local range = isList and 'LRANGE' or 'ZRANGE'
  local looked = 0
  if length > 0 and length <= count * 2 then
    looked = length
    take(place, ask(range, key, 0, -1) or {})
  elseif length > 0 and count > 0 then
    looked = count * 2
    take(place, ask(range, key, 0, count - 1) or {})
    take(place, ask(range, key, -count, -1) or {})
  end
  looks[#looks + 1] = looked
  looks[#looks + 1] = length
end
return { flows, looks, notes() }
