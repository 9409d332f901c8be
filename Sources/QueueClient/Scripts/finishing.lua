-- How a job ends: functions for scripts.

-- What a child's end means for its parent. `removed` says that nothing is kept of the child.
local function tellParent(key, parent, stored, outcome, value, removed, now)
  local parentKey = parent.key
  local pending = parentKey .. Beside.dependencies
  if outcome == Outcome.completed then
    if call('SREM', pending, key) == 1 then
      call('HSET', parentKey .. Beside.processed, key, value)
      releaseIfDone(parent, now)
    end
    return
  end
  local policy = object(stored)
  if policy[Option.failParentOnFailure] then
    if call('SREM', pending, key) == 1 then
      call('ZADD', parentKey .. Beside.unsuccessful, now, key)
      local above, aboveID = parent.queue, parent.id
      local reason = 'child ' .. key .. ' failed'
      if call('ZSCORE', above .. Key.waitingChildren, aboveID) then
        call('HSET', parentKey, Field.deferredFailure, reason)
        release(parent, now)
      elseif call('ZSCORE', above .. Key.delayed, aboveID) then
        call('HSET', parentKey, Field.deferredFailure, reason, Field.delay, '0')
        enqueueByPriority(above, aboveID, true)
        call('ZREM', above .. Key.delayed, aboveID)
        -- So BullMQ says, wherever the parent was.
        emit(above, Event.waiting, EventField.jobID, aboveID, EventField.previous, State.waitingChildren)
      elseif not call('ZSCORE', above .. Key.failed, aboveID) and call('EXISTS', parentKey) == 1 then
        call('HSET', parentKey, Field.deferredFailure, reason)
      end
    end
  elseif policy[Option.continueParentOnFailure] or policy[Option.ignoreDependencyOnFailure] then
    if call('SREM', pending, key) == 1 then
      call('HSET', parentKey .. Beside.failed, key, value)
      if policy[Option.continueParentOnFailure] then release(parent, now) else releaseIfDone(parent, now) end
    end
  elseif policy[Option.removeDependencyOnFailure] then
    if call('SREM', pending, key) == 1 then releaseIfDone(parent, now) end
  elseif removed then
    leave(key, parent)
  end
end

-- Another attempt: at once, or after a delay.
local function putBack(queue, id, key, job, made, now)
  -- Its place first: where that is of another kind, nothing has changed, and the attempt counts once.
  if job.delay > 0 then
    postpone(queue, id, now + job.delay)
    call('HSET', key, Field.delay, whole(job.delay))
    emit(queue, Event.delayed, EventField.jobID, id, EventField.delay, whole(now + job.delay))
  else
    enqueueByPriority(queue, id, job.lifo)
    emit(queue, Event.waiting, EventField.jobID, id, EventField.previous, State.active)
  end
  call('HSET', key, Field.attemptsMade, made, Field.failedReason, job.value, Field.stacktrace, job.stacktrace)
end

-- Forgets ended jobs that are too old or too many.
local function discardOld(queue, ended, keepCount, keepAge, now)
  local old = {}
  if keepAge then
    old = call('ZRANGE', ended, '-inf', whole(now - keepAge * 1000), 'BYSCORE', 'LIMIT', '0', '1000')
  end
  if keepCount then
    for _, id in ipairs(call('ZRANGE', ended, keepCount, keepCount + 999, 'REV')) do old[#old + 1] = id end
  end
  for _, id in ipairs(old) do
    local key = queue .. ':' .. id
    call('ZREM', ended, id)
    -- A failed job may still be waited for.
    leave(key, readParent(key, queue))
    delete(key)
  end
end

-- Counts a job that ended, minute by minute: the newest minute stands first in the list.
local function count(queue, outcome, points, now)
  local key = queue .. Named.metrics .. outcome
  local seen = call('HMGET', key, MetricsField.previousTime, MetricsField.previousCount, MetricsField.count)
  local before = number(seen[3]) or 0
  call('HSET', key, MetricsField.count, whole(before + 1))
  if not number(seen[1]) then
    call('HSET', key, MetricsField.previousTime, whole(now), MetricsField.previousCount, '0')
    return
  end
  local minutes = math.min(math.floor(now / 60000) - math.floor(number(seen[1]) / 60000), points)
  if minutes <= 0 then return end
  call('LPUSH', key .. Named.metricsData, whole(before - (number(seen[2]) or 0)))
  for _ = 2, minutes do call('LPUSH', key .. Named.metricsData, '0') end
  call('LTRIM', key .. Named.metricsData, '0', points - 1)
  call('HSET', key, MetricsField.previousTime, whole(now), MetricsField.previousCount, whole(before))
end

-- Ends a job that a worker has in hand.
--
-- worker  now as text, points of the metrics (nil: none)
-- job     token of its lock, outcome (completed, failed, retry), value (return value as JSON, or reason), stacktrace as
--         JSON, delay and lifo of a retry, hasAttemptsLeft of a failure, keepCount and keepAge (nil for all, any) of
--         ended jobs
-- Returns 0, or: -1 no such job, -2 no lock, -3 not active, -4 pending children, -6 another's lock,
-- -9 failed children.
local function finish(queue, id, worker, job, now)
  local key = queue .. ':' .. id
  local name, parentKey, parent, deduplicationID, made = unpack(
    call('HMGET', key, Field.name, Field.parentKey, Field.parent, Field.deduplicationID, Field.attemptsMade))
  if not name and call('EXISTS', key) == 0 then return Code.missingJob end
  if job.outcome == Outcome.completed and call('EXISTS', key .. Beside.dependencies, key .. Beside.unsuccessful) > 0 then
    return call('EXISTS', key .. Beside.dependencies) == 1 and -4 or -9
  end
  if job.outcome == Outcome.retry and job.delay == 0 then promoteDue(queue, now) end
  local refusal = takeBack(queue, id, job.token)
  if refusal ~= 0 then return refusal end
  introduce(queue)
  made = made and whole((number(made) or 0) + 1) or '1'
  if job.outcome == Outcome.retry then
    putBack(queue, id, key, job, made, now)
    return 0
  end
  forgetDeduplication(queue, id, deduplicationID)
  if deduplicationID then addKept(queue, deduplicationID, now) end
  local above = parentFrom(parentKey, parent, queue)
  if above then tellParent(key, above, parent, job.outcome, job.value, job.keepCount == 0, now) end
  local ended = queue .. ':' .. job.outcome
  if job.keepCount == 0 then
    delete(key)
  else
    call('ZADD', ended, worker.now, id)
    if job.outcome == Outcome.completed then
      call('HSET', key, Field.attemptsMade, made, Field.returnvalue, job.value, Field.finishedOn, worker.now)
    else
      call('HSET', key, Field.attemptsMade, made, Field.failedReason, job.value, Field.stacktrace, job.stacktrace, Field.finishedOn, worker.now)
      call('HDEL', key, Field.deferredFailure)
    end
    if job.keepAge or job.keepCount then discardOld(queue, ended, job.keepCount, job.keepAge, now) end
  end
  if job.outcome == Outcome.completed then
    emit(queue, Event.completed, EventField.jobID, id, EventField.returnvalue, job.value, EventField.previous, State.active)
  else
    emit(queue, Event.failed, EventField.jobID, id, EventField.failedReason, job.value, EventField.previous, State.active)
    if not job.hasAttemptsLeft then emit(queue, Event.retriesExhausted, EventField.jobID, id, EventField.attemptsMade, made) end
  end
  if worker.points then pcall(count, queue, job.outcome, worker.points, now) end
  return 0
end
