-- What all scripts share: a queue is named by its base key ("bull:renovate"), a job by its own.
--
-- Numbers that are known beforehand are written as text: Redis would print each anew, with seventeen digits.

local call = redis.call

-- A queue's settings, asked for once a script.
local known = {}

local function settings(queue)
  local found = known[queue]
  if not found then
    local fields = call('HMGET', queue .. ':meta', 'opts.maxLenEvents', 'paused', 'concurrency', 'max', 'duration')
    found = {
      isKnown = fields[1], maxLenEvents = fields[1] or '10000', isPaused = fields[2], concurrency = tonumber(fields[3]),
      max = tonumber(fields[4]), duration = tonumber(fields[5]),
    }
    known[queue] = found
  end
  return found
end

-- Gives a queue settings that has none yet.
local function introduce(queue)
  if not settings(queue).isKnown then call('HSET', queue .. ':meta', 'opts.maxLenEvents', '10000') end
end

local function emit(queue, ...)
  call('XADD', queue .. ':events', 'MAXLEN', '~', settings(queue).maxLenEvents, '*', 'event', ...)
end

-- Whole numbers beyond 2^31 must not become 1.7e+12 on their way into Redis.
local function whole(number)
  return string.format('%.0f', number)
end

-- Whether workers may not take from the queue now: it is paused, or has its fill of active jobs.
local function held(queue)
  local its = settings(queue)
  return its.isPaused or (its.concurrency and call('LLEN', queue .. ':active') >= its.concurrency)
end

local function wake(queue)
  if not held(queue) then call('ZADD', queue .. ':marker', '0', '0') end
end

-- When the next delayed job is due; nil for none.
local function nextDue(queue)
  local first = call('ZRANGE', queue .. ':delayed', '0', '0', 'WITHSCORES')
  return first[2] and math.floor(tonumber(first[2]) / 4096)
end

-- A worker of a paused queue wakes too when a job falls due: it moves the job to where it belongs.
local function wakeForDelayed(queue)
  local due = nextDue(queue)
  if due then call('ZADD', queue .. ':marker', whole(due), '1') end
end

local function prioritize(queue, id, priority)
  local counter = call('INCR', queue .. ':pc')
  call('ZADD', queue .. ':prioritized', whole(priority * 4294967296 + counter % 4294967296), id)
end

-- Puts a job where workers find it. Workers take from the tail, so `toTail` is the front of the queue.
local function enqueue(queue, id, priority, toTail)
  if priority > 0 then
    prioritize(queue, id, priority)
  else
    call(toTail and 'RPUSH' or 'LPUSH', queue .. ':wait', id)
  end
  wake(queue)
end

-- Puts a job there by the priority that it was given.
local function enqueueByPriority(queue, id, toTail)
  enqueue(queue, id, tonumber(call('HGET', queue .. ':' .. id, 'priority')) or 0, toTail)
end

-- Jobs due in the same millisecond keep their order in the twelve low bits of the score.
local function postpone(queue, id, due)
  local low = due * 4096
  local last = call('ZRANGE', queue .. ':delayed', whole(low + 4095), whole(low), 'BYSCORE', 'REV', 'LIMIT', '0', '1',
    'WITHSCORES')
  local score = last[2] and math.min(tonumber(last[2]) + 1, low + 4095) or low
  call('ZADD', queue .. ':delayed', whole(score), id)
  wakeForDelayed(queue)
end

-- Moves jobs that fell due to where workers find them, a thousand at the most.
-- Returns when the next delayed job is due; nil for none.
local function promoteDue(queue, now)
  local due = nextDue(queue)
  if not due or due > now then return due end
  local ids = call('ZRANGE', queue .. ':delayed', '0', whole((now + 1) * 4096 - 1), 'BYSCORE', 'LIMIT', '0', '1000')
  for _, id in ipairs(ids) do
    call('ZREM', queue .. ':delayed', id)
    enqueueByPriority(queue, id, false)
    call('HSET', queue .. ':' .. id, 'delay', '0')
    emit(queue, 'waiting', 'jobId', id, 'prev', 'delayed')
  end
  return nextDue(queue)
end

-- Splits a job's key into its queue and its id.
local function parts(key)
  return string.match(key, '^(.*):([^:]*)$')
end

-- Lets a waiting parent go: to where its own options say.
local function release(key, now)
  local queue, id = parts(key)
  if not queue or call('ZREM', queue .. ':waiting-children', id) == 0 then return end
  local fields = call('HMGET', key, 'delay', 'priority')
  local delay, priority = tonumber(fields[1]) or 0, tonumber(fields[2]) or 0
  if delay > 0 then
    postpone(queue, id, now + delay)
    emit(queue, 'delayed', 'jobId', id, 'delay', whole(now + delay))
  else
    enqueue(queue, id, priority, true)
    emit(queue, 'waiting', 'jobId', id, 'prev', 'waiting-children')
  end
end

local function releaseIfDone(key, now)
  if call('SCARD', key .. ':dependencies') == 0 then release(key, now) end
end

-- Everything that is stored of a job, but for its place in the queue.
local function delete(key)
  call('DEL', key, key .. ':logs', key .. ':dependencies', key .. ':processed', key .. ':failed', key .. ':unsuccessful')
end

-- The deduplication key of a job that ends lets the next one in, unless it has a time of its own.
local function forgetDeduplication(queue, id, deduplicationID, whateverItsTime)
  if not deduplicationID then return end
  local key = queue .. ':de:' .. deduplicationID
  if call('GET', key) ~= id then return end
  if whateverItsTime then
    call('DEL', key, queue .. ':dn:' .. deduplicationID)
  elseif call('PTTL', key) < 1 then
    call('DEL', key)
  end
end

-- A child that goes, whatever became of it, is no longer waited for. A parent that waits for nothing then goes
-- straight to where workers find it: BullMQ heeds its delay and priority only when children have ended.
local function leave(key, parentKey, quietly)
  if not parentKey or parentKey == '' or call('SREM', parentKey .. ':dependencies', key) == 0 then return end
  if call('SCARD', parentKey .. ':dependencies') > 0 then return end
  local queue, id = parts(parentKey)
  if not queue or call('ZREM', queue .. ':waiting-children', id) == 0 then return end
  enqueue(queue, id, 0, true)
  if not quietly then emit(queue, 'waiting', 'jobId', id, 'prev', 'waiting-children') end
end

-- Whether a job was made by a scheduler that is still there.
local function isOfScheduler(queue, key)
  local scheduler = call('HGET', key, 'rjk')
  return scheduler
    and (call('EXISTS', queue .. ':repeat:' .. scheduler) == 1 or call('ZSCORE', queue .. ':repeat', scheduler)) and true
end

-- Whether a job is the next one of a scheduler: it is the scheduler's alone.
local function isScheduled(queue, id)
  local scheduler = call('HGET', queue .. ':' .. id, 'rjk')
  local nextRun = scheduler and call('ZSCORE', queue .. ':repeat', scheduler)
  return nextRun and id == 'repeat:' .. scheduler .. ':' .. whole(tonumber(nextRun))
end

-- A job that has ended runs again: its parent waits for it again.
local function waitAgain(key, state)
  local parentKey = call('HGET', key, 'parentKey')
  if state == 'delayed' or not parentKey or parentKey == '' or call('EXISTS', parentKey) == 0 then return end
  local left
  if state == 'failed' then
    left = call('ZREM', parentKey .. ':unsuccessful', key) + call('HDEL', parentKey .. ':failed', key)
  else
    left = call('HDEL', parentKey .. ':processed', key)
  end
  if left > 0 then call('SADD', parentKey .. ':dependencies', key) end
end

-- Takes a job out of whatever list or set it is in, and tells where that was.
local function leaveState(queue, id)
  for _, state in ipairs({ 'completed', 'failed', 'delayed', 'prioritized', 'waiting-children' }) do
    if call('ZREM', queue .. ':' .. state, id) == 1 then return state end
  end
  for _, state in ipairs({ 'wait', 'active', 'paused' }) do
    if call('LREM', queue .. ':' .. state, '0', id) > 0 then return state end
  end
  return 'unknown'
end

-- Takes a job that exists out of the hands of the worker that has it.
-- Returns 0; -2 for no lock, -6 for another's, -3 for one that is not active.
local function takeBack(queue, id, token)
  local lockKey = queue .. ':' .. id .. ':lock'
  local lock = call('GET', lockKey)
  if not lock then return -2 end
  if lock ~= token then return -6 end
  -- Workers take from the tail and push to the head: the oldest, the likeliest to end, is at the tail.
  if call('LREM', queue .. ':active', '-1', id) == 0 then return -3 end
  call('DEL', lockKey)
  call('SREM', queue .. ':stalled', id)
  return 0
end
