-- Lets parents that failed, or are about to, through children that run again, wait for these again.
--
-- KEYS  the parents' keys, those deeper in the flow first
-- ARGV  the time; then for each its queue's base key and its id
-- Returns for each 0; -1 for a missing job, -3 for one that did not fail through a child, -9 where a child that failed
-- was not retried.

local function place(queue, id)
  if call('ZSCORE', queue .. Key.failed, id) then return Suffix.failed end
  if not call('HEXISTS', queue .. ':' .. id, Field.deferredFailure) then return nil end
  for _, set in ipairs({ Suffix.delayed, Suffix.prioritized }) do
    if call('ZSCORE', queue .. ':' .. set, id) then return set end
  end
  if call('LPOS', queue .. Key.wait, id) then return Suffix.wait end
  return nil
end

local codes = {}
for number, key in ipairs(KEYS) do
  local queue, id = ARGV[2 * number], ARGV[2 * number + 1]
  local where = place(queue, id)
  -- A child that is gone can neither end nor fail any more.
  for _, child in ipairs(call('ZRANGE', key .. Beside.unsuccessful, '0', '-1')) do
    if where and call('EXISTS', child) == 0 then call('ZREM', key .. Beside.unsuccessful, child) end
  end
  if call('EXISTS', key) == 0 then
    codes[number] = Code.missingJob
  elseif not where then
    codes[number] = Code.notInState
  elseif call('EXISTS', key .. Beside.unsuccessful) == 1 then
    codes[number] = Code.failedChildren
  else
    introduce(queue)
    leaveState(queue, id)
    call('HDEL', key, Field.finishedOn, Field.processedOn, Field.failedReason, Field.deferredFailure, Field.attemptsMade)
    waitAgain(key, where)
    if call('SCARD', key .. Beside.dependencies) > 0 then
      call('ZADD', queue .. Key.waitingChildren, ARGV[1], id)
      emit(queue, Event.waitingChildren, EventField.jobID, id, EventField.previous, where)
    else
      enqueueByPriority(queue, id, false)
      emit(queue, Event.waiting, EventField.jobID, id, EventField.previous, where)
    end
    codes[number] = 0
  end
end
return codes
