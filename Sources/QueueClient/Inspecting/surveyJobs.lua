-- Where many jobs are, as far as sorted sets tell: a few commands for each of their queues.
--
-- KEYS  the queues' base keys
-- ARGV  for each queue how many jobs, then their ids; some hundreds in all
-- Returns one text with a character for each job, of `@` and the sum of: 1 it exists, 2 completed, 4 failed, 8 delayed,
-- 16 prioritized, 32 waiting for children; and the keys that could not be read.

local places = {
  { 2, Key.completed }, { 4, Key.failed }, { 8, Key.delayed }, { 16, Key.prioritized }, { 32, Key.waitingChildren },
}

local signs, at = {}, 1
for _, queue in ipairs(KEYS) do
  local count, ids, keys, sums = tonumber(ARGV[at]), {}, {}, {}
  for number = 1, count do
    ids[number] = ARGV[at + number]
    keys[number] = queue .. ':' .. ids[number]
  end
  at = at + count + 1
  local all = ask('EXISTS', unpack(keys)) == count
  for number = 1, count do sums[number] = (all or exists(keys[number])) and 1 or 0 end
  for _, place in ipairs(places) do
    local key = queue .. place[2]
    local scores = exists(key) and ask('ZMSCORE', key, unpack(ids)) or {}
    for number in pairs(scores) do
      if scores[number] then sums[number] = sums[number] + place[1] end
    end
  end
  for number = 1, count do signs[#signs + 1] = string.char(64 + sums[number]) end
end
return { table.concat(signs), notes() }
