-- Takes jobs out of a worker's hands without an end: back to those that are ready, to a later time, or to wait for
-- children.
--
-- KEYS  the queue's base key
-- ARGV  now, where to (wait, delayed, waiting-children), what that needs (delayed: when it is due; waiting-children:
--       the one child that matters or ''), then id and token of each
-- Returns a code for each: 0; 1 where there is no child to wait for; -1 for a missing job, -2 for no lock, -3 for
-- one that is not active, -6 for another's lock, -9 for failed children, -12 for a key of another kind, -15 where something
-- else is wrong with it; an error where the server takes no change.

local queue, now, where, need = KEYS[1], tonumber(ARGV[1]), ARGV[2], ARGV[3]

local function refusalToWait(key)
  if call('EXISTS', key .. Beside.unsuccessful) == 1 then return Code.failedChildren end
  if need ~= '' then return call('SISMEMBER', key .. Beside.dependencies, need) == 1 and 0 or 1 end
  return call('EXISTS', key .. Beside.dependencies) == 1 and 0 or 1
end

local moves = {
  wait = function(id, key)
    local priority = number(call('HGET', key, Field.priority)) or 0
    if priority > 0 then
      -- Before all others of its priority: it was their turn already.
      call('ZADD', queue .. Key.prioritized, whole(priority * 4294967296), id)
      wake(queue)
    else
      enqueue(queue, id, 0, true)
    end
    emit(queue, Event.waiting, EventField.jobID, id, EventField.previous, State.active)
  end,
  delayed = function(id, key)
    local due = tonumber(need)
    introduce(queue)
    call('HSET', key, Field.delay, whole(math.max(0, due - now)))
    postpone(queue, id, due)
    emit(queue, Event.delayed, EventField.jobID, id, EventField.delay, whole(due))
  end,
  [Suffix.waitingChildren] = function(id)
    call('ZADD', queue .. Key.waitingChildren, whole(now), id)
    emit(queue, Event.waitingChildren, EventField.jobID, id, EventField.previous, State.active)
  end,
}

local codes = {}
for at = 4, #ARGV, 2 do
  local id = ARGV[at]
  local key = queue .. ':' .. id
  local code = 0
  if call('EXISTS', key) == 0 then
    code = Code.missingJob
  elseif where == Suffix.waitingChildren then
    code = refusalToWait(key)
  end
  if code == 0 then
    local token, left = ARGV[at + 1], call('PTTL', key .. Beside.lock)
    local isDone, answer = pcall(function()
      local answer = takeBack(queue, id, token)
      if answer == 0 then moves[where](id, key) end
      return answer
    end)
    code = answer
    if not isDone then
      pcall(restore, queue, id, left > 0 and token or nil, left)
      local problem = refusal(answer)
      if problem then return redis.error_reply(problem) end
      code = codeOf(answer)
    end
  end
  codes[#codes + 1] = code
end
-- A place that is free now may be another worker's.
if settings(queue).concurrency then wakeAnother(queue) end
return codes
