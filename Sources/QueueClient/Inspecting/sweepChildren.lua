-- One step through the pending children of a parent that has many, in search of one that is in trouble.
--
-- KEYS  the parent's key
-- ARGV  where the step begins, `0` at first; about how many children; its queue's base key
-- Returns where the next step begins, `0` at the end; and the first trouble found, as in `sweepParents`.

local step = ask('SSCAN', KEYS[1] .. ':dependencies', ARGV[1], 'COUNT', tonumber(ARGV[2])) or { '0', {} }
for _, child in ipairs(step[2]) do
  local trouble, name, reason = troubleOf(child, ARGV[3])
  if trouble then return { step[1], { '', trouble, child, name, reason } } end
end
return { step[1], false }
