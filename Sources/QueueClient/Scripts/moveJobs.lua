-- Puts jobs that have failed, completed or wait for their time to where workers find them.
--
-- KEYS  the queue's base key
-- ARGV  the set that they are in (failed, completed, delayed), how many at the most, the highest score of those that
--       go ('' any)
-- Returns how many may be left.

local queue, state, limit = KEYS[1], ARGV[1], tonumber(ARGV[2])
local ids = call('ZRANGE', queue .. ':' .. state, '-inf', ARGV[3] == '' and '+inf' or ARGV[3], 'BYSCORE', 'LIMIT', '0',
  limit + 1)
local moved = {}
for at = 1, math.min(limit, #ids) do
  local id = ids[at]
  local key = queue .. ':' .. id
  call('ZREM', queue .. ':' .. state, id)
  if state == Suffix.failed then
    call('HDEL', key, Field.finishedOn, Field.processedOn, Field.failedReason)
  elseif state == Suffix.completed then
    call('HDEL', key, Field.finishedOn, Field.processedOn, Field.returnvalue)
  end
  waitAgain(key, state)
  -- BullMQ heeds no priority here.
  enqueue(queue, id, 0, false)
  emit(queue, Event.waiting, EventField.jobID, id, EventField.previous, state)
end
return math.max(0, #ids - limit)
