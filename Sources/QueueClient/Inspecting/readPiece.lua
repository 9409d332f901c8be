-- A piece of a text of a hash: Redis has no command that gives one.
--
-- KEYS  the hash
-- ARGV  the field; where the piece begins, in bytes from 0; how many bytes
-- Returns the size of the whole text, and the piece.

local first = tonumber(ARGV[2])
local size = redis.call('HSTRLEN', KEYS[1], ARGV[1])
if first >= size then return { size, '' } end
local text = redis.call('HGET', KEYS[1], ARGV[1])
return { size, string.sub(text, first + 1, first + tonumber(ARGV[3])) }
