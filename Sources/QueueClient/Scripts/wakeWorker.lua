-- Wakes a worker of a queue, if there is anything to do: for whoever was woken and cannot take jobs now, and for whoever
-- lifts a limit while workers sleep.
--
-- KEYS  the queue's base key

wakeForWork(KEYS[1])
return 0
