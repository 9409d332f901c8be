-- Takes away what a job left behind that does not exist any more: its place, and what it knew of its children. These stay.
--
-- KEYS  the queue's base key
-- ARGV  id
-- Returns 1; 0 where nothing is left, -3 where the job exists, -6 where a worker has it in hand.

local queue, id = KEYS[1], ARGV[1]
local key = queue .. ':' .. id
if call('EXISTS', key) == 1 then return Code.notInState end
if call('EXISTS', key .. Beside.lock) == 1 then return Code.foreignLock end

local wasSomewhere = leaveEverywhere(queue, id) ~= State.unknown
return (delete(key) > 0 or wasSomewhere) and 1 or 0
