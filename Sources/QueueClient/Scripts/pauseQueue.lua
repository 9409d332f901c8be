-- Pauses or resumes a queue.
--
-- KEYS  the queue's base key
-- ARGV  1 to pause, 0 to resume

local queue = KEYS[1]
if ARGV[1] == '1' then
  call('HSET', queue .. Key.meta, Meta.paused, '1')
  call('DEL', queue .. Key.marker)
  emit(queue, Event.paused)
  return 0
end
call('HDEL', queue .. Key.meta, Meta.paused)
known[queue] = nil
-- What BullMQ 5 and older set aside while paused.
for _, id in ipairs(call('LRANGE', queue .. Key.paused, '0', '-1')) do call('RPUSH', queue .. Key.wait, id) end
call('DEL', queue .. Key.paused)
wakeForWork(queue)
emit(queue, Event.resumed)
return 0
