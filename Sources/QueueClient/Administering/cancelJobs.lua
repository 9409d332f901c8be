-- Removes jobs that have not started, those deeper in the flow first. Their parents are not let go: they are to be
-- removed, too.
--
-- KEYS  the jobs' keys
-- ARGV  for each its queue's base key and its id
-- Returns for each 0; -1 for a missing job, -3 for one that has started or ended, -4 for one that waits for a
-- job that may still run, -6 for one that a worker has.

-- Whether a child may still run.
local function mayRun(child, near)
  if call('EXISTS', child) == 0 then return false end
  local queue, id = splitJobKey(child, near)
  return queue and not call('ZSCORE', queue .. Key.failed, id) and not call('ZSCORE', queue .. Key.completed, id)
end

local function waitsForRunning(key, queue)
  for _, child in ipairs(call('SMEMBERS', key .. Beside.dependencies)) do
    if mayRun(child, queue) then return true end
  end
  return false
end

local codes = {}
for number, key in ipairs(KEYS) do
  local queue, id = ARGV[2 * number - 1], ARGV[2 * number]
  if call('EXISTS', key) == 0 then
    codes[number] = Code.missingJob
  elseif call('EXISTS', key .. Beside.lock) == 1 or call('LPOS', queue .. Key.active, id) then
    codes[number] = Code.foreignLock
  elseif call('ZSCORE', queue .. Key.completed, id) or call('ZSCORE', queue .. Key.failed, id) then
    codes[number] = Code.notInState
  elseif waitsForRunning(key, queue) then
    codes[number] = Code.pendingChildren
  else
    local fields = call('HMGET', key, Field.parentKey, Field.parent, Field.deduplicationID)
    local parent = parentFrom(fields[1], fields[2], queue)
    if parent then call('SREM', parent.key .. Beside.dependencies, key) end
    local previous = leaveState(queue, id)
    forgetDeduplication(queue, id, fields[3], true)
    delete(key)
    introduce(queue)
    emit(queue, Event.removed, EventField.jobID, id, EventField.previous, previous)
    codes[number] = 0
  end
end
return codes
