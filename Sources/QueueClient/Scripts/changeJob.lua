-- Changes something of one job.
--
-- KEYS  the queue's base key
-- ARGV  what (promote, delay, priority, data, progress, log), id, now, then what that needs
-- Returns 0 (log: how many rows there are); -1 for a missing job, -3 for one in a state where it cannot be.

local queue, what, id, now = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local key = queue .. ':' .. id
if call('EXISTS', key) == 0 then return -1 end

local changes = {}

-- A delayed job runs now.
function changes.promote()
  if call('ZREM', queue .. ':delayed', id) == 0 then return -3 end
  enqueueByPriority(queue, id, false)
  call('HSET', key, 'delay', '0')
  emit(queue, 'waiting', 'jobId', id, 'prev', 'delayed')
  return 0
end

-- A delayed job runs so many milliseconds from now.
function changes.delay(delay)
  if not call('ZSCORE', queue .. ':delayed', id) then return -3 end
  introduce(queue)
  call('HSET', key, 'delay', delay)
  call('ZREM', queue .. ':delayed', id)
  local due = now + tonumber(delay)
  postpone(queue, id, due)
  emit(queue, 'delayed', 'jobId', id, 'delay', whole(due))
  return 0
end

-- Its place among those ready to run; one that is not ready keeps it for later.
function changes.priority(priority, lifo)
  local number = tonumber(priority)
  if call('ZREM', queue .. ':prioritized', id) == 1 or call('LREM', queue .. ':wait', '-1', id) > 0 then
    if number > 0 and lifo == '1' then
      -- Before all others of that priority.
      call('ZADD', queue .. ':prioritized', whole(number * 4294967296), id)
    else
      enqueue(queue, id, number, lifo == '1')
    end
  end
  call('HSET', key, 'priority', priority)
  return 0
end

function changes.data(data)
  call('HSET', key, 'data', data)
  return 0
end

function changes.progress(progress)
  call('HSET', key, 'progress', progress)
  introduce(queue)
  emit(queue, 'progress', 'jobId', id, 'data', progress)
  return 0
end

-- Rows beyond the limit go, the oldest first.
function changes.log(row, keep)
  local count = call('RPUSH', key .. ':logs', row)
  if keep ~= '' then
    call('LTRIM', key .. ':logs', -tonumber(keep), '-1')
    count = math.min(count, tonumber(keep))
  end
  return count
end

return changes[what](ARGV[4], ARGV[5])
