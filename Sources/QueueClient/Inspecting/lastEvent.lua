-- When the newest event of a queue was: what it says, which may be long, stays here.
--
-- KEYS  the event stream
-- Returns milliseconds since 1970; nothing where there is no event.

local newest = (ask('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1) or {})[1]
return newest and tonumber(string.match(newest[1], '^%d+'))
