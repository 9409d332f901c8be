-- Removes a job scheduler, and its next job where that waits for its time.
--
-- KEYS  the queue's base key
-- ARGV  the scheduler's id
-- Returns 1; 0 where there is none.

local queue, scheduler = KEYS[1], ARGV[1]
local newest = call('ZSCORE', queue .. Key.schedulers, scheduler)
if not newest then return 0 end
local id = scheduledID(scheduler, newest)
if call('ZREM', queue .. Key.delayed, id) == 1 then
  forgetDeduplication(queue, id, call('HGET', queue .. ':' .. id, Field.deduplicationID), true)
  delete(queue .. ':' .. id)
  emit(queue, Event.removed, EventField.jobID, id, EventField.previous, State.delayed)
end
call('ZREM', queue .. Key.schedulers, scheduler)
call('DEL', queue .. Named.schedulers .. scheduler)
return 1
