-- Pauses or resumes a queue.
--
-- KEYS  the queue's base key
-- ARGV  1 to pause, 0 to resume

local queue = KEYS[1]
if ARGV[1] == '1' then
  call('HSET', queue .. ':meta', 'paused', '1')
  call('DEL', queue .. ':marker')
  emit(queue, 'paused')
  return 0
end
call('HDEL', queue .. ':meta', 'paused')
known[queue] = nil
-- What BullMQ 5 and older set aside while paused.
for _, id in ipairs(call('LRANGE', queue .. ':paused', '0', '-1')) do call('RPUSH', queue .. ':wait', id) end
call('DEL', queue .. ':paused')
wakeForWork(queue)
emit(queue, 'resumed')
return 0
