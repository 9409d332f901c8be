-- Lets a child's parent wait for it no longer.
--
-- KEYS  the child's key
-- Returns 1; 0 where there was no such relation; -1 for a missing child, -5 for a missing parent.

local key = KEYS[1]
if call('EXISTS', key) == 0 then return Code.missingJob end
local parent = readParent(key)
if not parent then return 0 end
if call('EXISTS', parent.key) == 0 then return Code.missingParent end
if call('SISMEMBER', parent.key .. Beside.dependencies, key) == 0 then return 0 end
leave(key, parent)
call('HDEL', key, Field.parentKey, Field.parent)
return 1
