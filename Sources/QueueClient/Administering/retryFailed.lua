-- Runs a failed job of a flow again, or has it wait for its children again; its parent waits for it again, and where the
-- parent has been let go already, it is held back.
--
-- KEYS  the queue's base key
-- ARGV  id, now, lifo (1 or 0)
-- Returns a list: 1 for one that runs and 2 for one that waits for its children; 3 where failed children that are gone
-- were forgotten and more may be; or -1 for a missing job, -3 for one that has not failed, -9 and the child that still
-- failed, -13 where a worker has the parent, -14 where the parent completed.

local queue, id, now, lifo = KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1'
local key = queue .. ':' .. id
if call('EXISTS', key) == 0 then return { Code.missingJob } end
if not call('ZSCORE', queue .. Key.failed, id) then return { Code.notInState } end

local parent = readParent(key, queue)
if parent and call('EXISTS', parent.key) == 0 then parent = nil end
local isNoted = parent
  and (call('ZSCORE', parent.key .. Beside.unsuccessful, key) or call('HEXISTS', parent.key .. Beside.failed, key) == 1)
local mayBeHeld = false
if isNoted then
  local above, aboveID = parent.queue, parent.id
  if call('ZSCORE', above .. Key.completed, aboveID) then return { Code.parentCompleted } end
  if not call('ZSCORE', above .. Key.failed, aboveID) and not call('ZSCORE', above .. Key.waitingChildren, aboveID) then
    if call('EXISTS', parent.key .. Beside.lock) == 1 or call('LPOS', above .. Key.active, aboveID) then return { Code.parentActive } end
    mayBeHeld = true
  end
end

-- A failed child that is gone can be retried by nobody.
local culprits = call('ZRANGE', key .. Beside.unsuccessful, '0', '999')
for _, culprit in ipairs(culprits) do
  if call('EXISTS', culprit) == 1 then return { Code.failedChildren, culprit } end
end
for _, culprit in ipairs(culprits) do call('ZREM', key .. Beside.unsuccessful, culprit) end
if #culprits == 1000 then return { 3 } end

introduce(queue)
call('ZREM', queue .. Key.failed, id)
call('HDEL', key, Field.finishedOn, Field.processedOn, Field.failedReason, Field.deferredFailure)
local waits = call('EXISTS', key .. Beside.dependencies) == 1
if waits then
  call('ZADD', queue .. Key.waitingChildren, whole(now), id)
  emit(queue, Event.waitingChildren, EventField.jobID, id, EventField.previous, State.failed)
else
  enqueueByPriority(queue, id, lifo)
  emit(queue, Event.waiting, EventField.jobID, id, EventField.previous, State.failed)
end

waitAgain(key, Suffix.failed)
if isNoted and call('ZSCORE', parent.queue .. Key.waitingChildren, parent.id) then call('HDEL', parent.key, Field.deferredFailure) end
if mayBeHeld then
  local prev = leaveState(parent.queue, parent.id)
  call('HDEL', parent.key, Field.deferredFailure)
  introduce(parent.queue)
  call('ZADD', parent.queue .. Key.waitingChildren, whole(now), parent.id)
  emit(parent.queue, Event.waitingChildren, EventField.jobID, parent.id, EventField.previous, prev)
end
return { waits and 2 or 1 }
