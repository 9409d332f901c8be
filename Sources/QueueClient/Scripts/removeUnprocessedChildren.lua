-- Removes the jobs that a parent still waits for, and those below them; not those that a worker has in hand,
-- and not those that failed.
--
-- KEYS  the queue's base key
-- ARGV  id
-- Returns how many were removed, or -1 for a missing job.

local top = KEYS[1] .. ':' .. ARGV[1]
if call('EXISTS', top) == 0 then return Code.missingJob end

local function pendingOf(key)
  return call('SMEMBERS', key .. Beside.dependencies)
end

-- Depth first, with a list of our own: Lua's stack ends at some hundred levels, and families may run in circles.
local count, seen = 0, { [top] = true }
local open = { { key = top, queue = KEYS[1], id = ARGV[1], children = pendingOf(top), next = 1 } }
while #open > 0 do
  local job = open[#open]
  local child = job.children[job.next]
  job.next = job.next + 1
  if child then
    local queue, id = splitJobKey(child, job.queue)
    -- One that is gone, without its parent having been told.
    if call('EXISTS', child) == 0 then leave(child, job) end
    if queue and not seen[child] and call('EXISTS', child) == 1 and call('EXISTS', child .. Beside.lock) == 0
      and not call('ZSCORE', queue .. Key.failed, id) then
      seen[child] = true
      open[#open + 1] = { key = child, queue = queue, id = id, parent = job, children = pendingOf(child), next = 1 }
    end
  else
    open[#open] = nil
    if job.parent then
      leave(job.key, job.parent)
      local deduplicationID = call('HGET', job.key, Field.deduplicationID)
      local prev = leaveEverywhere(job.queue, job.id)
      forgetDeduplication(job.queue, job.id, deduplicationID, true)
      delete(job.key)
      introduce(job.queue)
      emit(job.queue, Event.removed, EventField.jobID, job.id, EventField.previous, prev)
      count = count + 1
    end
  end
end
return count
