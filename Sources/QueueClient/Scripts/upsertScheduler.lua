-- Makes a job scheduler, or changes it: its next job is added, in the place of the one that waits.
--
-- KEYS  the queue's base key
-- ARGV  the scheduler's id, when its newest job is due as the caller knows it ('' for no scheduler), whether that job
--       waits as the caller knows it (1 or 0), when the next one is due, its options as JSON, now, then what is known of
--       the scheduler, names and values by turns
-- Returns 0; -1 where the scheduler has changed, -2 where the place of the job is taken.

local queue, scheduler, known, knownToWait, due, opts = KEYS[1], ARGV[1], ARGV[2], ARGV[3] == '1', ARGV[4], ARGV[5]
local now = tonumber(ARGV[6])
local newest = call('ZSCORE', queue .. Key.schedulers, scheduler) or ''
if newest ~= known then return -1 end

-- The newest job can be replaced while it waits.
local replaced = newest ~= '' and scheduledID(scheduler, newest)
local waits = replaced and (call('ZSCORE', queue .. Key.delayed, replaced)
  or call('ZSCORE', queue .. Key.prioritized, replaced) or call('LPOS', queue .. Key.wait, replaced)) and true or false
if waits ~= knownToWait then return -1 end
local id = scheduledID(scheduler, due)
if call('EXISTS', queue .. ':' .. id) == 1 and not (waits and replaced == id) then return -2 end

local record = queue .. Named.schedulers .. scheduler
local values = {}
for at = 7, #ARGV, 2 do values[ARGV[at]] = ARGV[at + 1] end
introduce(queue)
if waits then
  local key = queue .. ':' .. replaced
  forgetDeduplication(queue, replaced, call('HGET', key, Field.deduplicationID), true)
  leaveState(queue, replaced)
  delete(key)
end
local count, offset = unpack(call('HMGET', record, SchedulerField.iterationCount, SchedulerField.offset))
call('DEL', record)
call('HSET', record, unpack(ARGV, 7, #ARGV))
if offset and not values.offset then call('HSET', record, SchedulerField.offset, offset) end
call('HSET', record, SchedulerField.iterationCount, count or '1')
call('ZADD', queue .. Key.schedulers, due, scheduler)
call('INCR', queue .. Key.id)
addOne(queue, {
  id = id, name = values.name, data = values.data or '{}', opts = opts, scheduler = scheduler,
  delay = math.max(0, tonumber(due) - now),
}, now)
return 0
