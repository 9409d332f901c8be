-- Removes a job and, where asked, all jobs below it: all of them, or none where a worker has one in hand.
--
-- KEYS  the queue's base key
-- ARGV  id, whether the children go too (1 or 0)
-- Returns {0}, {-1} for a missing job, {-6, job} for one that is locked, {-8} for a scheduler's next job.

local withChildren = ARGV[2] == '1'
local first, firstID = KEYS[1], ARGV[1]
local firstKey = first .. ':' .. firstID

if call('EXISTS', firstKey) == 0 then return { -1 } end
if isScheduled(first, firstID) then return { -8 } end

local seen = {}
local function locked(key)
  if seen[key] then return nil end
  seen[key] = true
  if call('EXISTS', key .. ':lock') == 1 then return key end
  if not withChildren then return nil end
  for _, child in ipairs(call('SMEMBERS', key .. ':dependencies')) do
    local found = locked(child)
    if found then return found end
  end
end
local holder = locked(firstKey)
if holder then return { -6, holder } end

local removed = {}
local function remove(queue, id)
  local key = queue .. ':' .. id
  if removed[key] then return end
  removed[key] = true
  local fields = call('HMGET', key, 'parentKey', 'deid')
  leave(key, fields[1])
  if withChildren then
    local children = call('HKEYS', key .. ':processed')
    for _, more in ipairs({
      call('HKEYS', key .. ':failed'), call('ZRANGE', key .. ':unsuccessful', '0', '-1'),
      call('SMEMBERS', key .. ':dependencies'),
    }) do
      for _, child in ipairs(more) do children[#children + 1] = child end
    end
    for _, child in ipairs(children) do
      local childQueue, childID = parts(child)
      if childQueue and call('EXISTS', child) == 1 then remove(childQueue, childID) end
    end
  end
  local prev = leaveState(queue, id)
  forgetDeduplication(queue, id, fields[2], true)
  delete(key)
  introduce(queue)
  emit(queue, 'removed', 'jobId', id, 'prev', prev)
end
remove(first, firstID)
return { 0 }
