-- Lets a child's parent wait for it no longer.
--
-- KEYS  the child's key
-- ARGV  nothing, or the parent's queue's base key and its id: then the child may be gone, or name another parent
-- Returns 1; 0 where there was no such relation; -1 for a missing child, -5 for a missing parent.

local key = KEYS[1]
local names = tolerantly('HMGET', key, Field.parentKey, Field.parent)
local own = parentFrom(names[1], names[2])
local parent = own
if ARGV[1] then
  parent = { key = ARGV[1] .. ':' .. ARGV[2], queue = ARGV[1], id = ARGV[2] }
elseif call('EXISTS', key) == 0 then
  return Code.missingJob
end
if not parent then return 0 end
if call('EXISTS', parent.key) == 0 then return Code.missingParent end
if call('SISMEMBER', parent.key .. Beside.dependencies, key) == 0 then return 0 end
leave(key, parent)
if own and own.key == parent.key then call('HDEL', key, Field.parentKey, Field.parent) end
return 1
