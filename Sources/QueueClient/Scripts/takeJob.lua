-- Takes the next job for a worker.
--
-- KEYS  the queue's base key
-- ARGV  now, the worker's token, the lock's milliseconds, the worker's name or ''
-- Returns {id, fields}, or {false, due} with the time of the next delayed job (0: none).

local queue, now = KEYS[1], tonumber(ARGV[1])

-- Jobs that fell due since anybody looked.
local due = call('ZRANGE', queue .. ':delayed', 0, string.format('%.0f', (now + 1) * 4096 - 1),
  'BYSCORE', 'LIMIT', 0, 1000)
for _, id in ipairs(due) do
  local key = queue .. ':' .. id
  call('ZREM', queue .. ':delayed', id)
  enqueue(queue, id, tonumber(call('HGET', key, 'priority')) or 0, false)
  call('HSET', key, 'delay', 0)
  emit(queue, 'waiting', 'jobId', id, 'prev', 'delayed')
end

local function nextDue()
  local first = call('ZRANGE', queue .. ':delayed', 0, 0, 'WITHSCORES')
  return { false, first[2] and math.floor(tonumber(first[2]) / 4096) or 0 }
end

if held(queue) then return nextDue() end

local id = call('RPOPLPUSH', queue .. ':wait', queue .. ':active')
-- Markers of old BullMQ versions stand among the ids.
while id and string.sub(id, 1, 2) == '0:' do
  call('LREM', queue .. ':active', 1, id)
  id = call('RPOPLPUSH', queue .. ':wait', queue .. ':active')
end
if not id then
  id = call('ZPOPMIN', queue .. ':prioritized')[1]
  if not id then
    call('DEL', queue .. ':pc')
    return nextDue()
  end
  call('LPUSH', queue .. ':active', id)
end

local key = queue .. ':' .. id
call('SET', key .. ':lock', ARGV[2], 'PX', ARGV[3])
emit(queue, 'active', 'jobId', id, 'prev', 'waiting')
call('HSET', key, 'processedOn', ARGV[1])
if ARGV[4] ~= '' then call('HSET', key, 'pb', ARGV[4]) end
call('HINCRBY', key, 'ats', 1)
if call('EXISTS', queue .. ':wait', queue .. ':prioritized') > 0 then wake(queue) end
return { id, call('HGETALL', key) }
