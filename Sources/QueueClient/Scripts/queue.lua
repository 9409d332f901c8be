-- What all scripts share: a queue is named by its base key ("bull:renovate"), a job by its own.
--
-- Numbers that are known beforehand are written as text: Redis would print each anew, with seventeen digits.

local call = redis.call

-- What somebody wrote into Redis as a whole number; nil for what is none, `nan` and the infinite included.
local function number(text)
  local found = tonumber(text)
  if found and found > -1e18 and found < 1e18 then return math.floor(found) end
end

-- Whole numbers beyond 2^31 must not become 1.7e+12 on their way into Redis, nor `inf` or `nan`: no field holds those,
-- and Redis would end the script in its middle.
local function whole(number)
  if number ~= number then return '0' end
  return string.format('%.0f', math.max(-9e18, math.min(9e18, number)))
end

-- The object that somebody wrote into Redis as JSON; an empty one for what is none.
local function object(json)
  if not json or json == '' then return {} end
  local isJSON, found = pcall(cjson.decode, json)
  return isJSON and type(found) == 'table' and found or {}
end

-- A key that held another kind, and without which the script went on; nil where there was none.
local odd = nil

-- Like `call`, but a key of another kind does not end the script in its middle: a job that has left one list must come
-- to the next. For settings, events and markers; whoever reads them is told.
local function tolerantly(...)
  local reply = redis.pcall(...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  -- Any other error is raised by asking again.
  if not string.find(reply.err, 'WRONGTYPE', 1, true) then return call(...) end
  odd = select(2, ...)
  return {}
end

-- A queue's settings, asked for once a script.
local known = {}

local function settings(queue)
  local found = known[queue]
  if not found then
    local fields = tolerantly('HMGET', queue .. Key.meta, Meta.maxLenEvents, Meta.paused, Meta.concurrency, Meta.max,
      Meta.duration)
    found = {
      isKnown = fields[1], maxLenEvents = whole(math.max(0, number(fields[1]) or 10000)), isPaused = fields[2],
      concurrency = number(fields[3]),
      max = number(fields[4]), duration = number(fields[5]),
    }
    known[queue] = found
  end
  return found
end

-- Gives a queue settings that has none yet.
local function introduce(queue)
  if not settings(queue).isKnown then tolerantly('HSET', queue .. Key.meta, Meta.maxLenEvents, '10000') end
end

-- The queues whose events this script has trimmed.
local trimmed = {}

-- Events are trimmed with the first that a script adds, never behind it: whoever waits for it sees each of them. Where
-- none are kept, that must be before the first.
local function emit(queue, ...)
  if not trimmed[queue] then
    trimmed[queue] = true
    local limit = settings(queue).maxLenEvents
    if limit ~= '0' then return tolerantly('XADD', queue .. Key.events, 'MAXLEN', '~', limit, '*', EventField.event, ...) end
    tolerantly('XTRIM', queue .. Key.events, 'MAXLEN', '~', limit)
  end
  tolerantly('XADD', queue .. Key.events, '*', EventField.event, ...)
end

-- Whether workers may not take from the queue now: it is paused, or has its fill of active jobs.
local function held(queue)
  local its = settings(queue)
  return its.isPaused or (its.concurrency and call('LLEN', queue .. Key.active) >= its.concurrency)
end

local function wake(queue)
  if not held(queue) then tolerantly('ZADD', queue .. Key.marker, '0', '0') end
end

-- When the next delayed job is due; nil for none. A delay without an end, as BullMQ writes it, has the score `inf`.
local function nextDue(queue)
  local first = call('ZRANGE', queue .. Key.delayed, '0', '0', 'WITHSCORES')
  return first[2] and math.max(0, math.min(9e15, math.floor(tonumber(first[2]) / 4096)))
end

-- A worker of a paused queue wakes too when a job falls due: it moves the job to where it belongs.
local function wakeForDelayed(queue)
  local due = nextDue(queue)
  if due then tolerantly('ZADD', queue .. Key.marker, whole(due), '1') end
end

local function hasReady(queue)
  return call('EXISTS', queue .. Key.wait, queue .. Key.prioritized) > 0
end

-- Wakes a worker for whatever there is to do.
local function wakeForWork(queue)
  if hasReady(queue) then wake(queue) else wakeForDelayed(queue) end
end

-- Wakes another worker where jobs are left that it could take. Where the marker still lies, one is being woken.
local function wakeAnother(queue)
  if not tolerantly('ZSCORE', queue .. Key.marker, '0') and hasReady(queue) then wake(queue) end
end

local function prioritize(queue, id, priority)
  local counter = redis.pcall('INCR', queue .. Key.priorityCounter)
  if type(counter) ~= 'number' then counter = 0 end
  call('ZADD', queue .. Key.prioritized, whole(priority * 4294967296 + counter % 4294967296), id)
end

-- Puts a job where workers find it. Workers take from the tail, so `toTail` is the front of the queue.
local function enqueue(queue, id, priority, toTail)
  if priority > 0 then
    prioritize(queue, id, priority)
  else
    call(toTail and 'RPUSH' or 'LPUSH', queue .. Key.wait, id)
  end
  wake(queue)
end

-- Puts a job there by the priority that it was given.
local function enqueueByPriority(queue, id, toTail)
  enqueue(queue, id, number(call('HGET', queue .. ':' .. id, Field.priority)) or 0, toTail)
end

-- Jobs due in the same millisecond keep their order in the twelve low bits of the score.
local function postpone(queue, id, due)
  local low = due * 4096
  local last = call('ZRANGE', queue .. Key.delayed, whole(low + 4095), whole(low), 'BYSCORE', 'REV', 'LIMIT', '0', '1',
    'WITHSCORES')
  local score = last[2] and math.min(tonumber(last[2]) + 1, low + 4095) or low
  call('ZADD', queue .. Key.delayed, whole(score), id)
  wakeForDelayed(queue)
end

-- Moves jobs that fell due to where workers find them, a thousand at the most.
-- Returns when the next delayed job is due; nil for none.
local function promoteDue(queue, now)
  local due = nextDue(queue)
  if not due or due > now then return due end
  local ids = call('ZRANGE', queue .. Key.delayed, '-inf', whole((now + 1) * 4096 - 1), 'BYSCORE', 'LIMIT', '0', '1000')
  for _, id in ipairs(ids) do
    -- The new place first, here and below: where that is of another kind, the job is where it was.
    enqueueByPriority(queue, id, false)
    call('ZREM', queue .. Key.delayed, id)
    call('HSET', queue .. ':' .. id, Field.delay, '0')
    emit(queue, Event.waiting, EventField.jobID, id, EventField.previous, State.delayed)
  end
  return nextDue(queue)
end

-- The parent that the fields `parentKey` and `parent` of a job name: its key, queue and id; nil for none. Where the key
-- can be read in several ways, the other field decides.
local function parentFrom(parentKey, json, near)
  if not parentKey or parentKey == '' then return nil end
  local queue, id = string.match(parentKey, '^([^:]+:[^:]+):([^:]+)$')
  if not queue then
    local parent = object(json)
    queue, id = parent.queueKey, parent.id
    if type(queue) ~= 'string' or type(id) ~= 'string' or id == '' then queue, id = splitJobKey(parentKey, near) end
  end
  return queue and { key = queue .. ':' .. id, queue = queue, id = id }
end

-- The parent of a job by its key.
local function readParent(key, near)
  local fields = call('HMGET', key, Field.parentKey, Field.parent)
  return parentFrom(fields[1], fields[2], near)
end

-- Lets a waiting parent go: to where its own options say.
local function release(parent, now)
  local queue, id = parent.queue, parent.id
  if not call('ZSCORE', queue .. Key.waitingChildren, id) then return end
  local fields = call('HMGET', parent.key, Field.delay, Field.priority)
  local delay, priority = number(fields[1]) or 0, number(fields[2]) or 0
  if delay > 0 then
    postpone(queue, id, now + delay)
    call('ZREM', queue .. Key.waitingChildren, id)
    emit(queue, Event.delayed, EventField.jobID, id, EventField.delay, whole(now + delay))
  else
    enqueue(queue, id, priority, true)
    call('ZREM', queue .. Key.waitingChildren, id)
    emit(queue, Event.waiting, EventField.jobID, id, EventField.previous, State.waitingChildren)
  end
end

local function releaseIfDone(parent, now)
  if call('SCARD', parent.key .. Beside.dependencies) == 0 then release(parent, now) end
end

-- Everything that is stored of a job, but for its place in the queue.
local function delete(key)
  return call('DEL', key, key .. Beside.logs, key .. Beside.dependencies, key .. Beside.processed, key .. Beside.failed, key .. Beside.unsuccessful)
end

-- The deduplication key of a job that ends lets the next one in, unless it has a time of its own.
local function forgetDeduplication(queue, id, deduplicationID, whateverItsTime)
  if not deduplicationID then return end
  local key = queue .. Named.deduplication .. deduplicationID
  if call('GET', key) ~= id then return end
  if whateverItsTime then
    call('DEL', key, queue .. Named.deduplicationNext .. deduplicationID)
  elseif call('PTTL', key) < 1 then
    call('DEL', key)
  end
end

-- A child that goes, whatever became of it, is no longer waited for. A parent that waits for nothing then goes
-- straight to where workers find it: BullMQ heeds its delay and priority only when children have ended.
local function leave(key, parent, quietly)
  if not parent or call('SREM', parent.key .. Beside.dependencies, key) == 0 then return end
  if call('SCARD', parent.key .. Beside.dependencies) > 0 then return end
  if not call('ZSCORE', parent.queue .. Key.waitingChildren, parent.id) then return end
  enqueue(parent.queue, parent.id, 0, true)
  call('ZREM', parent.queue .. Key.waitingChildren, parent.id)
  if not quietly then emit(parent.queue, Event.waiting, EventField.jobID, parent.id, EventField.previous, State.waitingChildren) end
end

-- Whether a job was made by a scheduler that is still there.
local function isOfScheduler(queue, key)
  local scheduler = call('HGET', key, Field.repeatJobKey)
  return scheduler
    and (call('EXISTS', queue .. Named.schedulers .. scheduler) == 1 or call('ZSCORE', queue .. Key.schedulers, scheduler)) and true
end

-- Whether a job is the next one of a scheduler: it is the scheduler's alone.
local function isScheduled(queue, id)
  local scheduler = call('HGET', queue .. ':' .. id, Field.repeatJobKey)
  local nextRun = scheduler and call('ZSCORE', queue .. Key.schedulers, scheduler)
  return nextRun and id == Text.scheduledID .. scheduler .. ':' .. whole(tonumber(nextRun))
end

-- A job that has ended runs again: its parent waits for it again.
local function waitAgain(key, state)
  if state == Suffix.delayed then return end
  local parent = readParent(key)
  local parentKey = parent and parent.key
  if not parent or call('EXISTS', parentKey) == 0 then return end
  local left
  if state == Suffix.failed then
    left = call('ZREM', parentKey .. Beside.unsuccessful, key) + call('HDEL', parentKey .. Beside.failed, key)
  else
    left = call('HDEL', parentKey .. Beside.processed, key)
  end
  if left > 0 then call('SADD', parentKey .. Beside.dependencies, key) end
end

-- Takes a job out of whatever list or set it is in, and tells where that was.
local function leaveState(queue, id)
  for _, state in ipairs({ Suffix.completed, Suffix.failed, Suffix.delayed, Suffix.prioritized, Suffix.waitingChildren }) do
    if call('ZREM', queue .. ':' .. state, id) == 1 then return state end
  end
  for _, state in ipairs({ Suffix.wait, Suffix.active, Suffix.paused }) do
    if call('LREM', queue .. ':' .. state, '0', id) > 0 then return state end
  end
  return State.unknown
end

-- Takes a job out of every list and set that it is in, and tells which was the first.
local function leaveEverywhere(queue, id)
  local first
  for _, state in ipairs({ Suffix.completed, Suffix.failed, Suffix.delayed, Suffix.prioritized, Suffix.waitingChildren }) do
    if tolerantly('ZREM', queue .. ':' .. state, id) == 1 then first = first or state end
  end
  for _, state in ipairs({ Suffix.wait, Suffix.active, Suffix.paused }) do
    local count = tolerantly('LREM', queue .. ':' .. state, '0', id)
    if type(count) == 'number' and count > 0 then first = first or state end
  end
  return first or State.unknown
end

-- Takes a job that exists out of the hands of the worker that has it.
-- Returns 0; -2 for no lock, -6 for another's, -3 for one that is not active.
local function takeBack(queue, id, token)
  local lockKey = queue .. ':' .. id .. Beside.lock
  local lock = call('GET', lockKey)
  if not lock then return Code.missingLock end
  if lock ~= token then return Code.foreignLock end
  -- In this order, a key of another kind ends it before the job has left.
  call('SREM', queue .. Key.stalled, id)
  -- Workers take from the tail and push to the head: the oldest, the likeliest to end, is at the tail.
  if call('LREM', queue .. Key.active, '-1', id) == 0 then return Code.notInState end
  call('DEL', lockKey)
  return 0
end
