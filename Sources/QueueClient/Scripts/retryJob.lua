-- Puts a job that has ended back to where workers find it; its parent waits for it again.
--
-- KEYS  the queue's base key
-- ARGV  id, the state it is in (failed or completed), lifo, whether to forget the attempts made, and those
--       started (1 or 0 each)
-- Returns 0; -1 for a missing job, -3 for one in another state.

local queue, id, state = KEYS[1], ARGV[1], ARGV[2]
local key = queue .. ':' .. id
if call('EXISTS', key) == 0 then return Code.missingJob end
if call('ZREM', queue .. ':' .. state, id) == 0 then return Code.notInState end

call('HDEL', key, Field.finishedOn, Field.processedOn, state == Suffix.failed and Field.failedReason or Field.returnvalue)
if ARGV[4] == '1' then call('HDEL', key, Field.attemptsMade) end
if ARGV[5] == '1' then call('HDEL', key, Field.attemptsStarted) end

introduce(queue)
waitAgain(key, state)
enqueueByPriority(queue, id, ARGV[3] == '1')
emit(queue, Event.waiting, EventField.jobID, id, EventField.previous, state)
return 0
