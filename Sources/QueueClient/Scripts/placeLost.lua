-- Puts a job that is in no list or set of its queue back: to where workers find it, or, where children are pending, to the
-- parents that wait.
--
-- KEYS  the queue's base key
-- ARGV  id, the time in milliseconds, and 1 where nothing is to be changed
-- Returns 1 where it waits for a worker, 2 where it waits for children; -1 for a missing job, -3 for one that is in some
-- place, or that a worker holds.

local queue, id, now = KEYS[1], ARGV[1], ARGV[2]
local key = queue .. ':' .. id
if call('EXISTS', key) == 0 then return Code.missingJob end
for _, set in ipairs({ Key.completed, Key.failed, Key.delayed, Key.prioritized, Key.waitingChildren }) do
  if call('ZSCORE', queue .. set, id) then return Code.notInState end
end
for _, list in ipairs({ Key.active, Key.wait, Key.paused }) do
  if call('LPOS', queue .. list, id) then return Code.notInState end
end
if call('EXISTS', key .. Beside.lock) == 1 then return Code.notInState end
local pending = call('SCARD', key .. Beside.dependencies)
if ARGV[3] == '1' then return pending > 0 and 2 or 1 end

introduce(queue)
call('HDEL', key, Field.finishedOn, Field.processedOn)
if pending > 0 then
  call('ZADD', queue .. Key.waitingChildren, now, id)
  emit(queue, Event.waitingChildren, EventField.jobID, id)
  return 2
end
enqueueByPriority(queue, id, false)
emit(queue, Event.waiting, EventField.jobID, id)
return 1
