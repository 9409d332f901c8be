-- Renews the locks of the jobs that a worker has in hand.
--
-- KEYS  the queue's base key
-- ARGV  the locks' milliseconds, then id and token of each
-- Returns the places of those that are lost, from 0.

local queue, lost = KEYS[1], {}
for at = 2, #ARGV, 2 do
  local lock = queue .. ':' .. ARGV[at] .. Beside.lock
  if call('GET', lock) == ARGV[at + 1] then
    call('PEXPIRE', lock, ARGV[1])
    tolerantly('SREM', queue .. Key.stalled, ARGV[at])
  else
    lost[#lost + 1] = (at - 2) / 2
  end
end
return lost
