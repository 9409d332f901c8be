-- Changes something of one job.
--
-- KEYS  the queue's base key
-- ARGV  what (promote, delay, priority, data, progress, log), id, now, then what that needs
-- Returns 0 (log: how many rows there are); -1 for a missing job, -3 for one in a state where it cannot be.

local queue, what, id, now = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local key = queue .. ':' .. id
if call('EXISTS', key) == 0 then return Code.missingJob end

local changes = {}

-- A delayed job runs now.
function changes.promote()
  if call('ZREM', queue .. Key.delayed, id) == 0 then return Code.notInState end
  enqueueByPriority(queue, id, false)
  call('HSET', key, Field.delay, '0')
  emit(queue, Event.waiting, EventField.jobID, id, EventField.previous, State.delayed)
  return 0
end

-- A delayed job runs so many milliseconds from now.
function changes.delay(delay)
  if not call('ZSCORE', queue .. Key.delayed, id) then return Code.notInState end
  introduce(queue)
  call('HSET', key, Field.delay, delay)
  call('ZREM', queue .. Key.delayed, id)
  local due = now + tonumber(delay)
  postpone(queue, id, due)
  emit(queue, Event.delayed, EventField.jobID, id, EventField.delay, whole(due))
  return 0
end

-- Its place among those ready to run; one that is not ready keeps it for later.
function changes.priority(priority, lifo)
  local number = tonumber(priority)
  if call('ZREM', queue .. Key.prioritized, id) == 1 or call('LREM', queue .. Key.wait, '-1', id) > 0 then
    if number > 0 and lifo == '1' then
      -- Before all others of that priority.
      call('ZADD', queue .. Key.prioritized, whole(number * 4294967296), id)
    else
      enqueue(queue, id, number, lifo == '1')
    end
  end
  call('HSET', key, Field.priority, priority)
  return 0
end

function changes.data(data)
  call('HSET', key, Field.data, data)
  return 0
end

function changes.progress(progress)
  call('HSET', key, Field.progress, progress)
  introduce(queue)
  emit(queue, Event.progress, EventField.jobID, id, EventField.data, progress)
  return 0
end

-- Rows beyond the limit go, the oldest first.
function changes.log(row, keep)
  local count = call('RPUSH', key .. Beside.logs, row)
  if keep ~= '' then
    call('LTRIM', key .. Beside.logs, -tonumber(keep), '-1')
    count = math.min(count, tonumber(keep))
  end
  return count
end

return changes[what](ARGV[4], ARGV[5])
