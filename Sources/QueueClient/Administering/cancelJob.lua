-- Removes one job of a flow that has not started, or cuts one that stays loose from a parent that is to go.
--
-- KEYS  the queue's base key of the job that goes, or of the parent
-- ARGV  what (remove or detach), the id of that job or parent, then
--       remove: the state that it is in, whether its parent goes too (1 or 0): such a parent is not run for it
--       detach: the child's key, its queue's base key, its id, and why it stays (missing, active, failed, completed,
--               other-parent, circle, lost, wrong-type)
-- Returns 1 for done; 0 for one that was not waited for; -1 for a missing job, -3 for one in another state, -4 for one
-- that still waits for children, -6 for one that is locked, -8 for a scheduler's next job.

local queue, what, id = KEYS[1], ARGV[1], ARGV[2]
local key = queue .. ':' .. id
if call('EXISTS', key) == 0 then return Code.missingJob end

local lists = { waiting = { Suffix.wait, Suffix.paused } }
local changes = {}

function changes.remove(state, parentGoes)
  if call('EXISTS', key .. Beside.lock) == 1 then return Code.foreignLock end
  if isScheduled(queue, id) then return Code.scheduledJob end
  if call('SCARD', key .. Beside.dependencies) > 0 then return Code.pendingChildren end
  local left = false
  if lists[state] then
    -- New ids are at the head: those of a flow that is cancelled soon are found soon.
    for _, list in ipairs(lists[state]) do left = left or call('LREM', queue .. ':' .. list, '1', id) > 0 end
  else
    left = call('ZREM', queue .. ':' .. state, id) == 1
  end
  if not left then return Code.notInState end
  local fields = call('HMGET', key, Field.parentKey, Field.parent, Field.deduplicationID)
  local parent = parentFrom(fields[1], fields[2], queue)
  if parentGoes == '1' then
    if parent then call('SREM', parent.key .. Beside.dependencies, key) end
  else
    leave(key, parent)
  end
  forgetDeduplication(queue, id, fields[3], true)
  delete(key)
  introduce(queue)
  emit(queue, Event.removed, EventField.jobID, id, EventField.previous, state)
  return 1
end

local function isStill(why, child, its, childID)
  if why == Reason.missing then return call('EXISTS', child) == 0 end
  if call('EXISTS', child) == 0 then return false end
  if why == Reason.active then return call('EXISTS', child .. Beside.lock) == 1 or call('LPOS', its .. Key.active, childID) end
  if why == Reason.failed or why == Reason.completed then return call('ZSCORE', its .. ':' .. why, childID) end
  local above = readParent(child, its)
  if why == Reason.otherParent then return not above or above.key ~= key end
  if why == Reason.lost or why == Reason.wrongType then return true end
  return call('ZSCORE', its .. Key.waitingChildren, childID)
end

function changes.detach(child, its, childID, why)
  if call('SISMEMBER', key .. Beside.dependencies, child) == 0 then return 0 end
  if not isStill(why, child, its, childID) then return Code.notInState end
  call('SREM', key .. Beside.dependencies, child)
  local above = (why == Reason.active or why == Reason.failed) and readParent(child, its)
  if above and above.key == key then call('HDEL', child, Field.parentKey, Field.parent) end
  return 1
end

return changes[what](unpack(ARGV, 3))
