-- How a job ends: functions for scripts.

-- What a child's end means for its parent. `removed` says that nothing is kept of the child.
local function tellParent(key, parent, stored, outcome, value, removed, now)
  local parentKey = parent.key
  local pending = parentKey .. ':dependencies'
  if outcome == 'completed' then
    if call('SREM', pending, key) == 1 then
      call('HSET', parentKey .. ':processed', key, value)
      releaseIfDone(parent, now)
    end
    return
  end
  local policy = object(stored)
  if policy.fpof then
    if call('SREM', pending, key) == 1 then
      call('ZADD', parentKey .. ':unsuccessful', now, key)
      local above, aboveID = parent.queue, parent.id
      local reason = 'child ' .. key .. ' failed'
      if call('ZSCORE', above .. ':waiting-children', aboveID) then
        call('HSET', parentKey, 'defa', reason)
        release(parent, now)
      elseif call('ZREM', above .. ':delayed', aboveID) == 1 then
        call('HSET', parentKey, 'defa', reason, 'delay', '0')
        enqueueByPriority(above, aboveID, true)
        -- So BullMQ says, wherever the parent was.
        emit(above, 'waiting', 'jobId', aboveID, 'prev', 'waiting-children')
      elseif not call('ZSCORE', above .. ':failed', aboveID) and call('EXISTS', parentKey) == 1 then
        call('HSET', parentKey, 'defa', reason)
      end
    end
  elseif policy.cpof or policy.idof then
    if call('SREM', pending, key) == 1 then
      call('HSET', parentKey .. ':failed', key, value)
      if policy.cpof then release(parent, now) else releaseIfDone(parent, now) end
    end
  elseif policy.rdof then
    if call('SREM', pending, key) == 1 then releaseIfDone(parent, now) end
  elseif removed then
    leave(key, parent)
  end
end

-- Another attempt: at once, or after a delay.
local function putBack(queue, id, key, job, made, now)
  call('HSET', key, 'atm', made, 'failedReason', job.value, 'stacktrace', job.stacktrace)
  if job.delay > 0 then
    call('HSET', key, 'delay', whole(job.delay))
    postpone(queue, id, now + job.delay)
    emit(queue, 'delayed', 'jobId', id, 'delay', whole(now + job.delay))
  else
    enqueueByPriority(queue, id, job.lifo)
    emit(queue, 'waiting', 'jobId', id, 'prev', 'active')
  end
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
  local key = queue .. ':metrics:' .. outcome
  local seen = call('HMGET', key, 'prevTS', 'prevCount', 'count')
  local before = number(seen[3]) or 0
  call('HSET', key, 'count', whole(before + 1))
  if not number(seen[1]) then
    call('HSET', key, 'prevTS', whole(now), 'prevCount', '0')
    return
  end
  local minutes = math.min(math.floor(now / 60000) - math.floor(number(seen[1]) / 60000), points)
  if minutes <= 0 then return end
  call('LPUSH', key .. ':data', whole(before - (number(seen[2]) or 0)))
  for _ = 2, minutes do call('LPUSH', key .. ':data', '0') end
  call('LTRIM', key .. ':data', '0', points - 1)
  call('HSET', key, 'prevTS', whole(now), 'prevCount', whole(before))
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
    call('HMGET', key, 'name', 'parentKey', 'parent', 'deid', 'atm'))
  if not name and call('EXISTS', key) == 0 then return -1 end
  if job.outcome == 'completed' and call('EXISTS', key .. ':dependencies', key .. ':unsuccessful') > 0 then
    return call('EXISTS', key .. ':dependencies') == 1 and -4 or -9
  end
  if job.outcome == 'retry' and job.delay == 0 then promoteDue(queue, now) end
  local refusal = takeBack(queue, id, job.token)
  if refusal ~= 0 then return refusal end
  introduce(queue)
  made = made and whole((number(made) or 0) + 1) or '1'
  if job.outcome == 'retry' then
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
    if job.outcome == 'completed' then
      call('HSET', key, 'atm', made, 'returnvalue', job.value, 'finishedOn', worker.now)
    else
      call('HSET', key, 'atm', made, 'failedReason', job.value, 'stacktrace', job.stacktrace, 'finishedOn', worker.now)
      call('HDEL', key, 'defa')
    end
    if job.keepAge or job.keepCount then discardOld(queue, ended, job.keepCount, job.keepAge, now) end
  end
  if job.outcome == 'completed' then
    emit(queue, 'completed', 'jobId', id, 'returnvalue', job.value, 'prev', 'active')
  else
    emit(queue, 'failed', 'jobId', id, 'failedReason', job.value, 'prev', 'active')
    if not job.hasAttemptsLeft then emit(queue, 'retries-exhausted', 'jobId', id, 'attemptsMade', made) end
  end
  if worker.points then pcall(count, queue, job.outcome, worker.points, now) end
  return 0
end

-- Where a key of another kind ended `finish` in its middle: the job is active again, and found by the next check for
-- stalled jobs.
local function restore(queue, id)
  local key = queue .. ':' .. id
  if not call('HGET', key, 'finishedOn') and not call('LPOS', queue .. ':active', id) then
    call('LPUSH', queue .. ':active', id)
  end
end
