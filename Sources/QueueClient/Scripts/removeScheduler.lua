-- Removes a job scheduler, and its next job where that waits for its time.
--
-- KEYS  the queue's base key
-- ARGV  the scheduler's id
-- Returns 1; 0 where there is none.

local queue, scheduler = KEYS[1], ARGV[1]
local newest = call('ZSCORE', queue .. ':repeat', scheduler)
if not newest then return 0 end
local id = scheduledID(scheduler, newest)
if call('ZREM', queue .. ':delayed', id) == 1 then
  forgetDeduplication(queue, id, call('HGET', queue .. ':' .. id, 'deid'), true)
  delete(queue .. ':' .. id)
  emit(queue, 'removed', 'jobId', id, 'prev', 'delayed')
end
call('ZREM', queue .. ':repeat', scheduler)
call('DEL', queue .. ':repeat:' .. scheduler)
return 1
