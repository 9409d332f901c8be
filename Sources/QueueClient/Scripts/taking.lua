-- How a worker is given a job: functions for scripts.

-- The rate limit that holds for a worker: the queue's, or else its own.
-- Returns how many jobs in how many milliseconds; nil for none.
local function rateLimit(queue, worker)
  local its = settings(queue)
  if its.max and its.duration then return its.max, its.duration end
  return worker.max, worker.duration
end

-- For how many milliseconds the rate limit lets no job be taken; 0 for not at all.
local function rateLimited(queue, max)
  local key = queue .. Key.limiter
  if not max or max > (tonumber(call('GET', key)) or 0) then return 0 end
  local left = call('PTTL', key)
  -- The counter of a limit always has an end: one without would be counted against for ever.
  if left < 0 then
    call('DEL', key)
    return 0
  end
  -- At 0 it is in its last millisecond, and counts still.
  return left + 1
end

local function countAgainstLimit(queue, duration)
  if call('INCR', queue .. Key.limiter) == 1 then call('PEXPIRE', queue .. Key.limiter, whole(math.abs(duration))) end
end

-- The next id of those that are ready; it is active then.
local function nextReady(queue)
  local id = call('RPOPLPUSH', queue .. Key.wait, queue .. Key.active)
  -- Markers of old BullMQ versions stand among the ids.
  while id and string.sub(id, 1, 2) == '0:' do
    call('LREM', queue .. Key.active, '1', id)
    id = call('RPOPLPUSH', queue .. Key.wait, queue .. Key.active)
  end
  if id then return id end
  id = call('ZPOPMIN', queue .. Key.prioritized)[1]
  if id then
    call('LPUSH', queue .. Key.active, id)
  else
    call('DEL', queue .. Key.priorityCounter)
  end
  return id
end

-- Gives a job into a worker's hands.
-- Returns its hash, names and values by turns, what is new at the end; nil for a missing job.
local function activate(queue, id, worker)
  local key = queue .. ':' .. id
  local fields = call('HGETALL', key)
  local count = #fields
  if count == 0 then return nil end
  local started = '1'
  for at = 1, count, 2 do
    if fields[at] == Field.attemptsStarted then
      started = whole((number(fields[at + 1]) or 0) + 1)
      break
    end
  end
  call('SET', key .. Beside.lock, worker.token, 'PX', worker.lockDuration)
  emit(queue, Event.active, EventField.jobID, id, EventField.previous, State.waiting)
  fields[count + 1], fields[count + 2], fields[count + 3], fields[count + 4] = Field.processedOn, worker.now, Field.attemptsStarted, started
  if worker.name then
    call('HSET', key, Field.processedOn, worker.now, Field.attemptsStarted, started, Field.processedBy, worker.name)
    fields[count + 5], fields[count + 6] = Field.processedBy, worker.name
  else
    call('HSET', key, Field.processedOn, worker.now, Field.attemptsStarted, started)
  end
  return fields
end

-- Takes jobs for a worker.
--
-- limit   how many at the most
-- worker  now as text, token, lockDuration in milliseconds, name (nil: none), max and duration of its rate limit (nil:
--         none)
-- Returns {id, fields, id, fields, …}, for how many milliseconds the rate limit lets no more be taken, and when the
-- next delayed job is due (nil: none).
local function take(queue, limit, worker, now)
  local jobs = {}
  local due = promoteDue(queue, now)
  local max, duration = rateLimit(queue, worker)
  local pause = 0
  while #jobs < limit * 2 do
    -- Asked before whether the queue is held: who is limited too must wait by the limit's time.
    pause = rateLimited(queue, max)
    if pause > 0 or held(queue) then break end
    local id = nextReady(queue)
    if not id then break end
    local isJob, fields = pcall(activate, queue, id, worker)
    if isJob and fields then
      -- A job that only fails, with a failure from elsewhere, is no work.
      if max and call('HEXISTS', queue .. ':' .. id, Field.deferredFailure) == 0 then countAgainstLimit(queue, duration) end
      jobs[#jobs + 1] = id
      jobs[#jobs + 1] = fields
    else
      -- An id without a job: whoever removed it left it behind.
      call('LREM', queue .. Key.active, '1', id)
      if not isJob and refusal(fields) then
        -- A job that we may not take: its turn stays.
        pcall(call, 'DEL', queue .. ':' .. id .. Beside.lock)
        local isKnown, priority = pcall(call, 'HGET', queue .. ':' .. id, Field.priority)
        priority = isKnown and number(priority) or 0
        if priority > 0 then
          call('ZADD', queue .. Key.prioritized, whole(priority * 4294967296), id)
        else
          call('RPUSH', queue .. Key.wait, id)
        end
        error(fields)
      end
    end
  end
  -- Who was woken and may take nothing more leaves that to others, whose limits may differ.
  if #jobs > 0 or pause > 0 then wakeAnother(queue) end
  return jobs, pause, due
end
