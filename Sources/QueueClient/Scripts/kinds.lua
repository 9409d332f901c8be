-- Keys of another kind than BullMQ's: functions for scripts.

-- The first of a queue's own keys that holds another kind of value than is needed to take jobs and to end them, in
-- words; nil where there is none. Asked for where something went wrong, or might.
local function misfit(queue)
  for _, each in ipairs(Kinds.needed) do
    local kind = call('TYPE', queue .. each[1]).ok
    if kind ~= 'none' and kind ~= each[2] then
      return 'WRONGTYPE "' .. queue .. each[1] .. '" is a ' .. kind .. ', but should be a ' .. each[2]
    end
  end
end

-- Where a key of another kind ended a script in the middle of taking a job out of a worker's hands: the job is active
-- again, and the worker's where it may try again.
--
-- token         of the lock that the worker has; nil leaves the job to the next check for stalled jobs
-- milliseconds  for how long
local function restore(queue, id, token, milliseconds)
  local key = queue .. ':' .. id
  if call('EXISTS', key) == 0 or call('HGET', key, Field.finishedOn) then return end
  if token then
    local lock = call('GET', key .. Beside.lock)
    if lock and lock ~= token then return end
    call('SET', key .. Beside.lock, token, 'PX', milliseconds)
  end
  if not call('LPOS', queue .. Key.active, id) then call('LPUSH', queue .. Key.active, id) end
end
