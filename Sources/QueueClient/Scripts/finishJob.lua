-- Ends a job: completed, failed for good, or put back for another attempt.
--
-- KEYS  the queue's base key
-- ARGV  now, id, token, outcome (completed, failed, retry), value (return value as JSON, or reason), the
--       stacktrace as JSON or '', the retry's delay, how many ended jobs to keep ('' all), their age in seconds
--       ('' any), whether a retry goes to the front (1 or 0)
-- Returns 0, or: -1 no such job, -2 no lock, -3 not active, -4 pending children, -6 another's lock,
-- -9 failed children.

local queue, now = KEYS[1], tonumber(ARGV[1])
local id, token, outcome, value = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local key = queue .. ':' .. id

if call('EXISTS', key) == 0 then return -1 end
if outcome == 'completed' then
  if call('SCARD', key .. ':dependencies') > 0 then return -4 end
  if call('ZCARD', key .. ':unsuccessful') > 0 then return -9 end
end
local lock = call('GET', key .. ':lock')
if not lock then return -2 end
if lock ~= token then return -6 end
if call('LREM', queue .. ':active', -1, id) == 0 then return -3 end
call('DEL', key .. ':lock')
call('SREM', queue .. ':stalled', id)

-- What a child's end means for its parent.
local function tellParent(removed)
  local parentKey, stored = unpack(call('HMGET', key, 'parentKey', 'parent'))
  if not parentKey then return end
  local pending = parentKey .. ':dependencies'
  if outcome == 'completed' then
    if call('SREM', pending, key) == 1 then
      call('HSET', parentKey .. ':processed', key, value)
      releaseIfDone(parentKey, now)
    end
    return
  end
  local decoded, parent = pcall(cjson.decode, stored or '{}')
  if not decoded then parent = {} end
  if parent.fpof then
    if call('SREM', pending, key) == 1 then
      call('ZADD', parentKey .. ':unsuccessful', now, key)
      local above, aboveID = parts(parentKey)
      local reason = 'child ' .. key .. ' failed'
      if call('ZSCORE', above .. ':waiting-children', aboveID) then
        call('HSET', parentKey, 'defa', reason)
        release(parentKey, now)
      elseif call('ZREM', above .. ':delayed', aboveID) == 1 then
        call('HSET', parentKey, 'defa', reason)
        enqueue(above, aboveID, tonumber(call('HGET', parentKey, 'priority')) or 0, true)
        emit(above, 'waiting', 'jobId', aboveID, 'prev', 'delayed')
      elseif not call('ZSCORE', above .. ':failed', aboveID) and call('EXISTS', parentKey) == 1 then
        call('HSET', parentKey, 'defa', reason)
      end
    end
  elseif parent.cpof or parent.idof then
    if call('SREM', pending, key) == 1 then
      call('HSET', parentKey .. ':failed', key, value)
      if parent.cpof then release(parentKey, now) else releaseIfDone(parentKey, now) end
    end
  elseif parent.rdof then
    if call('SREM', pending, key) == 1 then releaseIfDone(parentKey, now) end
  elseif removed then
    leave(key, parentKey)
  end
end

if outcome == 'retry' then
  call('HINCRBY', key, 'atm', 1)
  call('HSET', key, 'failedReason', value, 'stacktrace', ARGV[6])
  local delay = tonumber(ARGV[7])
  if delay > 0 then
    call('HSET', key, 'delay', ARGV[7])
    postpone(queue, id, now + delay)
    emit(queue, 'delayed', 'jobId', id, 'delay', string.format('%.0f', now + delay))
  else
    enqueue(queue, id, tonumber(call('HGET', key, 'priority')) or 0, ARGV[10] == '1')
    emit(queue, 'waiting', 'jobId', id, 'prev', 'active')
  end
  return 0
end

forgetDeduplication(queue, id, call('HGET', key, 'deid'))
local keepCount, keepAge = tonumber(ARGV[8]), tonumber(ARGV[9])
tellParent(keepCount == 0)
local made = call('HINCRBY', key, 'atm', 1)
local ended = queue .. ':' .. outcome
if keepCount == 0 then
  delete(key)
else
  call('ZADD', ended, now, id)
  if outcome == 'completed' then
    call('HSET', key, 'returnvalue', value, 'finishedOn', ARGV[1])
  else
    call('HSET', key, 'failedReason', value, 'stacktrace', ARGV[6], 'finishedOn', ARGV[1])
    call('HDEL', key, 'defa')
  end
  local old = {}
  if keepAge then
    old = call('ZRANGE', ended, '-inf', now - keepAge * 1000, 'BYSCORE', 'LIMIT', 0, 1000)
  end
  if keepCount then
    for _, each in ipairs(call('ZRANGE', ended, keepCount, keepCount + 999, 'REV')) do old[#old + 1] = each end
  end
  for _, each in ipairs(old) do
    call('ZREM', ended, each)
    delete(queue .. ':' .. each)
  end
end
if outcome == 'completed' then
  emit(queue, 'completed', 'jobId', id, 'returnvalue', value, 'prev', 'active')
else
  emit(queue, 'failed', 'jobId', id, 'failedReason', value, 'prev', 'active')
  emit(queue, 'retries-exhausted', 'jobId', id, 'attemptsMade', made)
end
if call('LLEN', queue .. ':wait') == 0 and call('LLEN', queue .. ':active') == 0
  and call('ZCARD', queue .. ':prioritized') == 0 then
  emit(queue, 'drained')
end
return 0
