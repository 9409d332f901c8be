-- Takes jobs out of a worker's hands without an end: back to those that are ready, to a later time, or to wait for
-- children.
--
-- KEYS  the queue's base key
-- ARGV  now, where to (wait, delayed, waiting-children), what that needs (delayed: when it is due; waiting-children:
--       the one child that matters or ''), then id and token of each
-- Returns a code for each: 0; 1 where there is no child to wait for; -1 for a missing job, -2 for no lock, -3 for
-- one that is not active, -6 for another's lock, -9 for failed children, -12 for a key of another kind.

local queue, now, where, need = KEYS[1], tonumber(ARGV[1]), ARGV[2], ARGV[3]

local function refusalToWait(key)
  if call('EXISTS', key .. ':unsuccessful') == 1 then return -9 end
  if need ~= '' then return call('SISMEMBER', key .. ':dependencies', need) == 1 and 0 or 1 end
  return call('EXISTS', key .. ':dependencies') == 1 and 0 or 1
end

local moves = {
  wait = function(id, key)
    local priority = number(call('HGET', key, 'priority')) or 0
    if priority > 0 then
      -- Before all others of its priority: it was their turn already.
      call('ZADD', queue .. ':prioritized', whole(priority * 4294967296), id)
      wake(queue)
    else
      enqueue(queue, id, 0, true)
    end
    emit(queue, 'waiting', 'jobId', id, 'prev', 'active')
  end,
  delayed = function(id, key)
    local due = tonumber(need)
    introduce(queue)
    call('HSET', key, 'delay', whole(math.max(0, due - now)))
    postpone(queue, id, due)
    emit(queue, 'delayed', 'jobId', id, 'delay', whole(due))
  end,
  ['waiting-children'] = function(id)
    call('ZADD', queue .. ':waiting-children', whole(now), id)
    emit(queue, 'waiting-children', 'jobId', id, 'prev', 'active')
  end,
}

local codes = {}
for at = 4, #ARGV, 2 do
  local id = ARGV[at]
  local key = queue .. ':' .. id
  local code = 0
  if call('EXISTS', key) == 0 then
    code = -1
  elseif where == 'waiting-children' then
    code = refusalToWait(key)
  end
  if code == 0 then
    local isDone, refusal = pcall(takeBack, queue, id, ARGV[at + 1])
    code = isDone and refusal or -12
  end
  if code == 0 then moves[where](id, key) end
  codes[#codes + 1] = code
end
-- A place that is free now may be another worker's.
if settings(queue).concurrency then wakeAnother(queue) end
return codes
