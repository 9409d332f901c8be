-- Renews the locks of the jobs that a worker has in hand.
--
-- KEYS  the queue's base key
-- ARGV  the worker's token, the lock's milliseconds, the ids
-- Returns the ids whose locks are lost.

local queue, lost = KEYS[1], {}
for at = 3, #ARGV do
  local id = ARGV[at]
  local lock = queue .. ':' .. id .. ':lock'
  if call('GET', lock) == ARGV[1] then
    call('PEXPIRE', lock, ARGV[2])
    call('SREM', queue .. ':stalled', id)
  else
    lost[#lost + 1] = id
  end
end
return lost
