-- Removes a deduplication key, where a job holds it.
--
-- KEYS  the queue's base key
-- ARGV  the deduplication id, the job's id
-- Returns 1; 0 where another job or nobody holds it.

local key = KEYS[1] .. Named.deduplication .. ARGV[1]
return call('GET', key) == ARGV[2] and call('DEL', key) or 0
