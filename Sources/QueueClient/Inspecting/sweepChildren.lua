-- One step through the pending children of a parent that has many, in search of one that is in trouble.
--
-- KEYS  the parent's key
-- ARGV  where the step begins, `0` at first; about how many children; its queue's base key
-- Returns where the next step begins, `0` at the end; and the first trouble found, as in `sweepParents`.

local step = ask('SSCAN', KEYS[1] .. Beside.dependencies, ARGV[1], 'COUNT', tonumber(ARGV[2])) or { '0', {} }
local found = troublesAmong(step[2], ARGV[3])
for _, child in ipairs(step[2]) do
  local trouble = found[child]
  if trouble then return { step[1], { '', trouble[1], child, trouble[2], trouble[3] } } end
end
return { step[1], false }
