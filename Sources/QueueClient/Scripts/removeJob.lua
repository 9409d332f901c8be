-- Removes a job and, where asked, all jobs below it: all of them, or none where a worker has one in hand.
--
-- KEYS  the queue's base key
-- ARGV  id, whether the children go too (1 or 0), the state that the job must be in (absent for any)
-- Returns {0}, {-1} for a missing job, {-3} for one in another state, {-6, job} for one that is locked, {-8} for a
-- scheduler's next job.

local withChildren = ARGV[2] == '1'
local first, firstID = KEYS[1], ARGV[1]
local firstKey = first .. ':' .. firstID

if call('EXISTS', firstKey) == 0 then return { Code.missingJob } end
if isScheduled(first, firstID) then return { Code.scheduledJob } end

local lists = { waiting = { Suffix.wait, Suffix.paused }, active = { Suffix.active } }
local function isStill(state)
  if not lists[state] then return call('ZSCORE', first .. ':' .. state, firstID) end
  for _, list in ipairs(lists[state]) do
    if call('LPOS', first .. ':' .. list, firstID) then return true end
  end
end
if ARGV[3] and not isStill(ARGV[3]) then return { Code.notInState } end

local function childrenOf(key)
  local children = call('HKEYS', key .. Beside.processed)
  for _, more in ipairs({
    call('HKEYS', key .. Beside.failed), call('ZRANGE', key .. Beside.unsuccessful, '0', '-1'),
    call('SMEMBERS', key .. Beside.dependencies),
  }) do
    for _, child in ipairs(more) do children[#children + 1] = child end
  end
  return children
end

-- Everything that is read below is asked for first: a key of another kind ends the script before it has changed anything.
local kinds = {
  { 'LLEN', Key.wait }, { 'LLEN', Key.paused }, { 'LLEN', Key.active }, { 'ZCARD', Key.prioritized },
  { 'ZCARD', Key.delayed }, { 'ZCARD', Key.completed }, { 'ZCARD', Key.failed }, { 'ZCARD', Key.waitingChildren },
}
local beside = {
  { 'HLEN', '' }, { 'HLEN', Beside.processed }, { 'HLEN', Beside.failed }, { 'ZCARD', Beside.unsuccessful },
  { 'SCARD', Beside.dependencies },
}

-- What Redis says of the first key that is of another kind, and the key; nil where there is none.
local function refusal(base, asked)
  for _, each in ipairs(asked) do
    local reply = redis.pcall(each[1], base .. each[2])
    if type(reply) == 'table' and reply.err then
      return (string.match(reply.err, '^[^:]*value') or reply.err) .. ': ' .. base .. each[2]
    end
  end
end

local asked = {}
local function refusalOf(queue, key)
  if not asked[queue] then
    asked[queue] = true
    local line = refusal(queue, kinds)
    if line then return line end
  end
  return refusal(key, beside)
end

-- The keys of jobs are gone through one after the other, with a list of our own: Lua's stack ends at some hundred
-- levels, and families may run in circles.
local all, queues, seen, at = { firstKey }, { first }, { [firstKey] = true }, 1
while all[at] do
  local line = refusalOf(queues[at], all[at])
  if line then return redis.error_reply(line) end
  for _, child in ipairs(withChildren and childrenOf(all[at]) or {}) do
    local queue = not seen[child] and splitJobKey(child, queues[at])
    if queue then
      seen[child] = true
      all[#all + 1] = child
      queues[#all] = queue
    end
  end
  at = at + 1
end
local names = call('HMGET', firstKey, Field.parentKey, Field.parent)
local above = parentFrom(names[1], names[2], first)
local line = above and refusalOf(above.queue, above.key)
if line then return redis.error_reply(line) end

-- Those that are still waited for must not be in a worker's hands.
local pending = { firstKey }
at, seen = 1, { [firstKey] = true }
while pending[at] do
  local key = pending[at]
  if call('EXISTS', key .. Beside.lock) == 1 then return { Code.foreignLock, key } end
  if withChildren then
    for _, child in ipairs(call('SMEMBERS', key .. Beside.dependencies)) do
      if not seen[child] then
        seen[child] = true
        pending[#pending + 1] = child
      end
    end
  end
  at = at + 1
end

-- Depth first: a job leaves its parent when it is met, and goes when all below it have gone.
local met = {}
local function meet(queue, id)
  local key = queue .. ':' .. id
  met[key] = true
  local fields = call('HMGET', key, Field.parentKey, Field.parent, Field.deduplicationID)
  leave(key, parentFrom(fields[1], fields[2], queue))
  return {
    key = key, queue = queue, id = id, deduplicationID = fields[3], next = 1,
    children = withChildren and childrenOf(key) or {},
  }
end

-- Of very many jobs, those that are in one place are taken to be in no other: each would have all lists gone through.
local leaveAll = #all <= 200 and leaveEverywhere or leaveState

local open = { meet(first, firstID) }
while #open > 0 do
  local job = open[#open]
  local child = job.children[job.next]
  job.next = job.next + 1
  if child then
    local queue, id = splitJobKey(child, job.queue)
    if queue and not met[child] and call('EXISTS', child) == 1 then open[#open + 1] = meet(queue, id) end
  else
    open[#open] = nil
    local prev = (job.key == firstKey and leaveEverywhere or leaveAll)(job.queue, job.id)
    forgetDeduplication(job.queue, job.id, job.deduplicationID, true)
    delete(job.key)
    introduce(job.queue)
    emit(job.queue, Event.removed, EventField.jobID, job.id, EventField.previous, prev)
  end
end
return { 0 }
