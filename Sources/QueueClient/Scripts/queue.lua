-- What all scripts share: a queue is named by its base key ("bull:renovate"), a job by its own.

local call = redis.call

local function emit(queue, ...)
  local limit = call('HGET', queue .. ':meta', 'opts.maxLenEvents')
  call('XADD', queue .. ':events', 'MAXLEN', '~', limit or 10000, '*', 'event', ...)
end

-- Whether workers may not take from the queue now: it is paused, or has its fill of active jobs.
local function held(queue)
  local meta = call('HMGET', queue .. ':meta', 'paused', 'concurrency')
  if meta[1] then return true end
  return meta[2] and call('LLEN', queue .. ':active') >= tonumber(meta[2])
end

local function wake(queue)
  if not held(queue) then call('ZADD', queue .. ':marker', 0, '0') end
end

local function wakeForDelayed(queue)
  local first = call('ZRANGE', queue .. ':delayed', 0, 0, 'WITHSCORES')
  if first[2] and not held(queue) then
    call('ZADD', queue .. ':marker', math.floor(tonumber(first[2]) / 4096), '1')
  end
end

-- Puts a job where workers find it. Workers take from the tail, so `toTail` is the front of the queue.
local function enqueue(queue, id, priority, toTail)
  if priority > 0 then
    local counter = call('INCR', queue .. ':pc')
    call('ZADD', queue .. ':prioritized', string.format('%.0f', priority * 4294967296 + counter % 4294967296), id)
  else
    call(toTail and 'RPUSH' or 'LPUSH', queue .. ':wait', id)
  end
  wake(queue)
end

-- Jobs due in the same millisecond keep their order in the twelve low bits of the score.
local function postpone(queue, id, due)
  local low = due * 4096
  local last = call('ZRANGE', queue .. ':delayed', string.format('%.0f', low + 4095), string.format('%.0f', low),
    'BYSCORE', 'REV', 'LIMIT', 0, 1, 'WITHSCORES')
  local score = last[2] and math.min(tonumber(last[2]) + 1, low + 4095) or low
  call('ZADD', queue .. ':delayed', string.format('%.0f', score), id)
  wakeForDelayed(queue)
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
    emit(queue, 'delayed', 'jobId', id, 'delay', string.format('%.0f', now + delay))
  else
    enqueue(queue, id, priority, true)
    emit(queue, 'waiting', 'jobId', id, 'prev', 'waiting-children')
  end
end

local function releaseIfDone(key, now)
  if call('SCARD', key .. ':dependencies') == 0 then release(key, now) end
end
