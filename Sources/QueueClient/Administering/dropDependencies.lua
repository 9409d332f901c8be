-- Lets one parent wait no longer for children that cannot come, and runs it when it then waits for nothing.
--
-- Each child is looked at again: one that has changed since stays what it is.
--
-- KEYS  the parent's queue's base key
-- ARGV  the parent's id; now; whether it waits for its children (1 or 0); then for each child its key, its queue's base
--       key, its id, why it cannot come (missing, failed, completed, other-parent, circle, lost), and of a circle its
--       jobs from this child down to the parent, as JSON
-- Returns -1 for a missing parent, -3 for one in another state; else a list: how many children it still waits for, 1 or 0
-- for whether it was let go, then for each child 1 for dropped, 0 for one that is not waited for, -3 for another state.

local queue, id, now, waits = KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1'
local parent = { key = queue .. ':' .. id, queue = queue, id = id }
local pending = parent.key .. Beside.dependencies

if call('EXISTS', parent.key) == 0 then return Code.missingJob end
if (call('ZSCORE', queue .. Key.waitingChildren, id) and true or false) ~= waits then return Code.notInState end
if call('ZSCORE', queue .. Key.completed, id) or call('ZSCORE', queue .. Key.failed, id) then return Code.notInState end

-- What must still hold of a child, by why it cannot come.
local holds = {}

function holds.missing(key) return call('EXISTS', key) == 0 end

function holds.failed(_, its, child) return call('ZSCORE', its .. Key.failed, child) end

function holds.completed(_, its, child) return call('ZSCORE', its .. Key.completed, child) end

holds[Reason.otherParent] = function(key, its)
  if call('EXISTS', key) == 0 then return false end
  local above = readParent(key, its)
  return not above or above.key ~= parent.key
end

function holds.lost(key, its, child)
  if call('EXISTS', key) == 0 or call('EXISTS', key .. Beside.lock) == 1 then return false end
  for _, state in ipairs({ Suffix.completed, Suffix.failed, Suffix.delayed, Suffix.prioritized, Suffix.waitingChildren }) do
    if call('ZSCORE', its .. ':' .. state, child) then return false end
  end
  for _, state in ipairs({ Suffix.active, Suffix.wait, Suffix.paused }) do
    if call('LPOS', its .. ':' .. state, child) then return false end
  end
  return true
end

function holds.circle(key, its, child, path)
  local jobs = object(path)
  if jobs[1] ~= key or jobs[#jobs] ~= parent.key then return false end
  for place = 2, #jobs do
    if call('SISMEMBER', jobs[place - 1] .. Beside.dependencies, jobs[place]) == 0 then return false end
  end
  return call('ZSCORE', its .. Key.waitingChildren, child)
end

local codes = {}
for at = 4, #ARGV, 5 do
  local key, its, child, why, path = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  local code
  if call('SISMEMBER', pending, key) == 0 then
    code = 0
  elseif not holds[why](key, its, child, path) then
    code = Code.notInState
  else
    call('SREM', pending, key)
    if why == Reason.completed then
      call('HSET', parent.key .. Beside.processed, key, call('HGET', key, Field.returnvalue) or 'null')
    elseif why == Reason.failed then
      -- As BullMQ does when a dependency is removed by its child.
      local above = readParent(key, its)
      if above and above.key == parent.key then call('HDEL', key, Field.parentKey, Field.parent) end
    end
    code = 1
  end
  codes[#codes + 1] = code
end

local left = call('SCARD', pending)
local isLetGo = waits and left == 0
if isLetGo then
  introduce(queue)
  -- A failure that was noted and never told: the worker that takes the parent fails it, as it should have.
  local culprit = call('ZRANGE', parent.key .. Beside.unsuccessful, '0', '0')[1]
  if culprit and call('HEXISTS', parent.key, Field.deferredFailure) == 0 then
    call('HSET', parent.key, Field.deferredFailure, 'child ' .. culprit .. ' failed')
  end
  release(parent, now)
end
return { left, isLetGo and 1 or 0, unpack(codes) }
