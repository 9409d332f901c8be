-- One step through the pending children of a parent that has many, in search of one that is in trouble.
--
-- KEYS  the parent's key
-- ARGV  where the step begins, `0` at first; about how many children; its queue's base key
-- Returns where the next step begins, `0` at the end; the first trouble found, as in `sweepParents`; the queues of
-- children, other than the parent's; and children in no sorted set, of queues with long lists, each nothing, its queue
-- and its id.

local step = ask('SSCAN', KEYS[1] .. Beside.dependencies, ARGV[1], 'COUNT', tonumber(ARGV[2])) or { '0', {} }
local parents = {}
for _, child in ipairs(step[2]) do parents[child] = KEYS[1] end
local found, unlisted, queueOf = troublesAmong(step[2], ARGV[3], parents)
local queues, known, lost = {}, { [ARGV[3]] = true }, {}
for _, child in ipairs(step[2]) do
  local trouble, queue = found[child], queueOf[child]
  if trouble then return { step[1], { '', trouble[1], child, trouble[2], trouble[3] }, {}, {} } end
  if queue and not known[queue] then
    known[queue] = true
    queues[#queues + 1] = queue
  end
  if unlisted[child] then lost[#lost + 1] = { '', unlisted[child][1], unlisted[child][2] } end
end
return { step[1], false, queues, lost }
