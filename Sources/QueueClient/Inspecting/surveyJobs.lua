-- Where many jobs are, as far as sorted sets and locks tell: a few commands for each of their queues.
--
-- KEYS  the jobs' keys, some hundreds
-- ARGV  for each its queue's base key and its id
-- Returns for each a text of signs: `e` it exists, `c` completed, `f` failed, `d` delayed, `p` prioritized,
-- `w` waiting for children, `l` locked (asked only of those in none of these); and the keys that could not be read.

local places = {
  { 'c', Key.completed }, { 'f', Key.failed }, { 'd', Key.delayed }, { 'p', Key.prioritized },
  { 'w', Key.waitingChildren },
}

local signs, queues = {}, {}
for at, key in ipairs(KEYS) do
  signs[at] = ''
  local queue = ARGV[2 * at - 1]
  local its = queues[queue] or { ids = {}, at = {} }
  queues[queue] = its
  its.ids[#its.ids + 1], its.at[#its.at + 1] = ARGV[2 * at], at
end

for queue, its in pairs(queues) do
  for _, place in ipairs(places) do
    local scores = ask('ZMSCORE', queue .. place[2], unpack(its.ids)) or {}
    for number, at in ipairs(its.at) do
      if scores[number] then signs[at] = signs[at] .. place[1] end
    end
  end
end

local locks, unplaced = {}, {}
for at, key in ipairs(KEYS) do
  if signs[at] == '' then
    unplaced[#unplaced + 1] = at
    locks[#locks + 1] = key .. Beside.lock
  end
end
if #locks > 0 and (ask('EXISTS', unpack(locks)) or 0) > 0 then
  for number, at in ipairs(unplaced) do
    if exists(locks[number]) then signs[at] = 'l' end
  end
end

local all = ask('EXISTS', unpack(KEYS)) == #KEYS
for at, key in ipairs(KEYS) do
  if all or exists(key) then signs[at] = 'e' .. signs[at] end
end
return { signs, notes() }
