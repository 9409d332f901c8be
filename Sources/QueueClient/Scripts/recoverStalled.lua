-- Finds jobs whose worker is gone: active, and without a lock at two checks in a row.
--
-- KEYS  the queue's base key
-- ARGV  now, how often a job may stall, how long the next check rests in milliseconds
-- Returns the ids that were put back.

local queue = KEYS[1]
local problem = misfit(queue)
if problem then return redis.error_reply(problem) end
if not call('SET', queue .. Key.stalledCheck, ARGV[1], 'PX', ARGV[3], 'NX') then return {} end

introduce(queue)

local recovered = {}
for _, id in ipairs(call('SMEMBERS', queue .. Key.stalled)) do
  local key = queue .. ':' .. id
  if call('EXISTS', key .. Beside.lock) == 0 and call('LREM', queue .. Key.active, '1', id) > 0 then
    if call('TYPE', key).ok == 'hash' then
      local count = (number(call('HGET', key, Field.stalledCounter)) or 0) + 1
      call('HSET', key, Field.stalledCounter, whole(count))
      -- A scheduler's job may stall as often as it likes: with it, the chain would end.
      if count > tonumber(ARGV[2]) and not isOfScheduler(queue, key) then
        call('HSET', key, Field.deferredFailure, Text.stalledTooOften)
      end
      enqueue(queue, id, 0, true)
      emit(queue, Event.waiting, EventField.jobID, id, EventField.previous, State.active)
      emit(queue, Event.stalled, EventField.jobID, id)
      recovered[#recovered + 1] = id
    end
  end
end

call('DEL', queue .. Key.stalled)
local active = call('LRANGE', queue .. Key.active, '0', '-1')
for first = 1, #active, 1000 do
  call('SADD', queue .. Key.stalled, unpack(active, first, math.min(first + 999, #active)))
end
return recovered
