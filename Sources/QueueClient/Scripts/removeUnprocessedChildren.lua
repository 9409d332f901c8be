-- Removes the jobs that a parent still waits for, and those below them; not those that a worker has in hand,
-- and not those that failed.
--
-- KEYS  the queue's base key
-- ARGV  id
-- Returns how many were removed, or -1 for a missing job.

local top = KEYS[1] .. ':' .. ARGV[1]
if call('EXISTS', top) == 0 then return -1 end

local count, seen = 0, {}
local function clear(key)
  if seen[key] then return end
  seen[key] = true
  for _, child in ipairs(call('SMEMBERS', key .. ':dependencies')) do
    local queue, id = parts(child)
    if queue and call('EXISTS', child) == 1 and call('EXISTS', child .. ':lock') == 0
      and not call('ZSCORE', queue .. ':failed', id) then
      clear(child)
      leave(child, key)
      local deduplicationID = call('HGET', child, 'deid')
      local prev = leaveState(queue, id)
      forgetDeduplication(queue, id, deduplicationID, true)
      delete(child)
      introduce(queue)
      emit(queue, 'removed', 'jobId', id, 'prev', prev)
      count = count + 1
    end
  end
end
clear(top)
return count
