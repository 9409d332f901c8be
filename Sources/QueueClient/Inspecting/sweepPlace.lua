-- Goes through a list or a sorted set of a queue: counts the flows in it, and looks for jobs in trouble.
--
-- KEYS  the list or sorted set
-- ARGV  the queue's base key; which place it is; where to begin, by rank, a negative one from the newest; how many; 1 where
--       the jobs are wanted that belong to flows
-- Returns how many were looked at; how many of them are roots of flows; the jobs in trouble: of `failed`, those that are
-- roots and those that their parent waits for, each its id, what it is, its key, its name and the reason; of `active`,
-- those without a lock; of all places but `completed`, those that are in another place, too, or whose parent is gone; the
-- ids of the jobs that belong to flows, where they are wanted; and the keys that could not be read.

local key, queue, place = KEYS[1], ARGV[1], ARGV[2]
local from, count, areWanted = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5] == '1'
local isList = place == Suffix.active or place == Suffix.wait or place == Suffix.paused
local to = from < 0 and -1 or from + count - 1
local ids = ask(isList and 'LRANGE' or 'ZRANGE', key, from, to) or {}

local families = {}
for _, id in ipairs(ids) do
  local job, last = queue .. ':' .. id, #families
  families[last + 1] = job .. Beside.processed
  families[last + 2] = job .. Beside.dependencies
  families[last + 3] = job .. Beside.failed
  families[last + 4] = job .. Beside.unsuccessful
end
local mayBeParents = #families > 0 and redis.call('EXISTS', unpack(families)) > 0

-- The other places that some of the jobs are in, by id.
local elsewhere = {}
local others = place == Suffix.completed and { Suffix.waitingChildren }
  or { Suffix.completed, Suffix.failed, Suffix.delayed, Suffix.prioritized, Suffix.waitingChildren }
for _, other in ipairs(#ids > 0 and others or {}) do
  local found = other ~= place and scores(queue .. ':' .. other, ids) or {}
  for at, id in ipairs(ids) do
    if found[at] then elsewhere[id] = true end
  end
end
local lists = place == Suffix.active and #ids > 0 and listed(queue)
for _, id in ipairs(lists and ids or {}) do
  if (lists[id] or 0) > 1 then elsewhere[id] = true end
end

-- Whether a job's parent is gone, and something of it waits for the job.
local function isOrphan(job)
  if place == Suffix.failed or place == Suffix.completed or not ask('HGET', job, Field.parentKey) then return false end
  local parent, itsQueue, itsID = parentOf(job)
  return parent and not exists(parent) and isWaitedForBy(job, parent, itsQueue, itsID)
end

-- A parent takes Redis as long as some ten jobs without children; the next step goes on.
local roots, troubles, members, looked, budget = 0, {}, {}, 0, from < 0 and 10000 or 700
for _, id in ipairs(ids) do
  if budget <= 0 then break end
  looked, budget = looked + 1, budget - 1
  local job = queue .. ':' .. id
  local isTop = mayBeParents and isParent(job) and isRoot(job)
  if mayBeParents then budget = budget - 7 end
  if isTop then roots = roots + 1 end
  if areWanted and (isTop or ask('HEXISTS', job, Field.parentKey) == 1) then members[#members + 1] = id end
  if place == Suffix.failed then
    local trouble = isTop and Trouble.failed or nil
    if not isTop then
      local parent = parentOf(job)
      if parent and ask('SISMEMBER', parent .. Beside.dependencies, job) == 1 then trouble = Trouble.failedChild end
    end
    if trouble then
      local reason = short(job, Field.failedReason, 65536)
      troubles[#troubles + 1] = {
        id, trouble, job, short(job, Field.name, 1024) or '', reason and string.sub(reason, 1, 500) or '',
      }
    end
  elseif place == Suffix.active and not exists(job .. Beside.lock) then
    troubles[#troubles + 1] = { id, Trouble.stalled, job, short(job, Field.name, 1024) or '', '' }
  elseif isOrphan(job) then
    troubles[#troubles + 1] = { id, Trouble.missingParent, job, '', '' }
  elseif elsewhere[id] then
    troubles[#troubles + 1] = { id, Trouble.doubtful, job, '', '' }
  end
end
return { looked, roots, troubles, members, notes() }
