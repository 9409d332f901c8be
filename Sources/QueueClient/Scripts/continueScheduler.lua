-- Adds a job scheduler's next job, when its newest was taken.
--
-- KEYS  the queue's base key
-- ARGV  the scheduler's id, the id of the job that was taken, when the next one is due, its options as JSON, now
-- Returns 1; 0 where that job is not the scheduler's newest, or the next one is there already.

local queue, scheduler, taken, due, opts, now = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local newest = call('ZSCORE', queue .. Key.schedulers, scheduler)
if not newest or taken ~= scheduledID(scheduler, newest) then return 0 end

introduce(queue)
local id = scheduledID(scheduler, due)
if call('EXISTS', queue .. ':' .. id) == 1 then
  emit(queue, Event.duplicated, EventField.jobID, id)
  return 0
end
local record = queue .. Named.schedulers .. scheduler
local template = call('HMGET', record, SchedulerField.name, SchedulerField.data)
call('ZADD', queue .. Key.schedulers, due, scheduler)
call('HINCRBY', record, SchedulerField.iterationCount, '1')
call('INCR', queue .. Key.id)
addOne(queue, {
  id = id, name = template[1] or call('HGET', queue .. ':' .. taken, Field.name) or scheduler, data = template[2] or '{}',
  opts = opts, scheduler = scheduler, delay = math.max(0, tonumber(due) - now),
}, now)
return 1
