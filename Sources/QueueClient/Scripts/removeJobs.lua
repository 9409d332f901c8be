-- Removes jobs of a queue that are in one state, some at a time; their parents wait for them no longer.
--
-- KEYS  the queue's base key
-- ARGV  the list or set that they are in, how many at the most, the latest time of those that go ('' any; where the
--       set has no times, the job's own count), whether locked jobs and those of schedulers go too (1 or 0), for how
--       many ids to look (the rest stays for another call), from which place on, whether they are only looked for (1 or 0)
-- Returns the ids that were removed, or would be, and the place to go on from; -1 at the end.

local queue, state, limit = KEYS[1], ARGV[1], tonumber(ARGV[2])
local latest, all, step, from = tonumber(ARGV[3]), ARGV[4] == '1', tonumber(ARGV[5]), tonumber(ARGV[6])
local isDry = ARGV[7] == '1'
local place = queue .. ':' .. state
local isList = state == Suffix.wait or state == Suffix.paused or state == Suffix.active
local isEnded = state == Suffix.completed or state == Suffix.failed

local function candidates()
  if isList then
    -- From the tail, the oldest first; where all go anyway, the newest of each step, as BullMQ does.
    local ids, oldestFirst = call('LRANGE', place, -from - step, -from - 1), {}
    if limit == 0 and not latest then return ids end
    for at = #ids, 1, -1 do oldestFirst[#oldestFirst + 1] = ids[at] end
    return oldestFirst
  end
  if isEnded and latest then
    return call('ZRANGE', place, '-inf', whole(latest), 'BYSCORE', 'LIMIT', from, step)
  end
  return call('ZRANGE', place, from, from + step - 1)
end

-- A job that goes is no longer waited for. A parent in this very queue that waits for nothing then goes with it, as
-- BullMQ has it; one in another queue runs, and no event tells of it.
local function leaveFor(key, parent)
  while parent do
    if parent.queue ~= queue then return leave(key, parent, true) end
    if call('SREM', parent.key .. Beside.dependencies, key) == 0 then return end
    if call('SCARD', parent.key .. Beside.dependencies) > 0 then return end
    if call('ZREM', queue .. Key.waitingChildren, parent.id) == 0 then return end
    local above = readParent(parent.key, queue)
    delete(parent.key)
    key, parent = parent.key, above
  end
end

local function mayGo(key)
  if call('EXISTS', key .. Beside.lock) == 1 and not all then return false end
  if isEnded or not latest then return true end
  -- When a worker last had it, or else when it was added; of a prioritized one BullMQ asks only the latter.
  local times = call('HMGET', key, state == Suffix.prioritized and Field.timestamp or Field.processedOn, Field.timestamp)
  local time = number(times[1]) or number(times[2])
  return not time or time <= latest
end

local removed = {}
local ids = candidates()
local stayed = 0
for _, id in ipairs(ids) do
  if limit > 0 and #removed >= limit then break end
  local key = queue .. ':' .. id
  local goes = mayGo(key) and (all or not isScheduled(queue, id))
  if goes and isDry then
    removed[#removed + 1], stayed = id, stayed + 1
  elseif goes then
    local fields = call('HMGET', key, Field.parentKey, Field.parent, Field.deduplicationID)
    if isList then call('LREM', place, '-1', id) else call('ZREM', place, id) end
    leaveFor(key, parentFrom(fields[1], fields[2], queue))
    forgetDeduplication(queue, id, fields[3], true)
    delete(key)
    call('DEL', key .. Beside.lock)
    removed[#removed + 1] = id
  else
    stayed = stayed + 1
  end
end
local isOver = #ids < step or (limit > 0 and #removed >= limit)
return { removed, isOver and -1 or from + stayed }
