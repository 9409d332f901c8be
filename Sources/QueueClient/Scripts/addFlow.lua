-- Adds the jobs of one or more flows: every check first, then every write, so that it is all or nothing.
-- What goes to one list or set is gathered and written at once: a flow of ten thousand jobs must not stall Redis.
--
-- KEYS  the base keys of the queues
-- ARGV  now; where the hashes of the jobs stand already ('' nowhere); then eleven for each job, parents before
--       their children:
--         the queue's place in KEYS, id ('' for the queue's next number), given (1 for a custom id, '' for one
--         that nobody else can have), name,
--         data, opts, timing ('' for at once, else timestamp, delay and priority), kind (parent, leaf, lifo),
--         the parent ('' none, the number of a job here, else a job's key), the parent as JSON or '',
--         the deduplication as JSON or ''
-- Returns {-11} where hashes that should stand already do not; {-5, job, parent} for a missing
-- parent, {-7, job, parent} for one that cannot be replaced, {-10, job, parent} for a job that would wait for itself;
-- else {0, job, id, …}: the jobs that have other ids than were given: the next number, or that of a job like it. Jobs are counted from 0.

local arguments = ARGV
local now, staged = arguments[1], arguments[2]
local width = 11
local count = (#arguments - 2) / width

local keyOf, idOf, queueOf, parentKeyOf, counted = {}, {}, {}, {}, {}
-- The queues' counters, as they will be: every job counts, whatever its id. Nothing is written before all is checked.
local counters, added = {}, {}
for job = 1, count do
  local at = 3 + (job - 1) * width
  local queue = KEYS[tonumber(arguments[at])]
  queueOf[job] = queue
  idOf[job] = arguments[at + 1]
  added[queue] = (added[queue] or 0) + 1
  -- Without an id of its own, it gets the counter's.
  if idOf[job] == '' then
    counters[queue] = counters[queue] or tonumber(call('GET', queue .. Key.id)) or 0
    idOf[job] = whole(counters[queue] + added[queue])
    counted[job] = true
  end
  keyOf[job] = queueOf[job] .. ':' .. idOf[job]
  local parent = arguments[at + 8]
  parentKeyOf[job] = parent ~= '' and (keyOf[tonumber(parent)] or parent)
end

-- What the checks found out, for the writes.
local exists, verdicts = {}, {}
local living = {}
-- How the deduplication keys will be, by their names.
local holders = {}
-- The parent that each job has by then; false for none.
local parentOf = {}

local function lives(key)
  if parentOf[key] ~= nil then return true end
  if living[key] == nil then living[key] = call('EXISTS', key) == 1 end
  return living[key]
end

local function presentParent(key)
  if parentOf[key] ~= nil then return parentOf[key] end
  local parentKey = call('HGET', key, Field.parentKey)
  return parentKey and parentKey ~= '' and parentKey
end

-- Whether a job would wait for itself under that parent, and so for ever.
local function isAbove(key, parentKey)
  local seen = {}
  while parentKey and not seen[parentKey] do
    if parentKey == key then return true end
    seen[parentKey] = true
    parentKey = presentParent(parentKey)
  end
  return false
end

for job = 1, count do
  local at = 3 + (job - 1) * width
  local key, parentKey = keyOf[job], parentKeyOf[job]
  if parentKey and not lives(parentKey) then return { Code.missingParent, job - 1, parentKey } end
  exists[job] = parentOf[key] ~= nil or (arguments[at + 2] ~= '' and lives(key))
  if exists[job] and parentKey then
    local other = presentParent(key)
    if other and other ~= parentKey and lives(other) then return { Code.parentCannotBeReplaced, job - 1, other } end
    if isAbove(key, parentKey) then return { Code.circular, job - 1, parentKey } end
  end
  if arguments[at + 10] ~= '' and not exists[job] then
    local deduplication = cjson.decode(arguments[at + 10])
    local name = queueOf[job] .. Named.deduplication .. deduplication.id
    local holder = holders[name] or holderOf(queueOf[job], name)
    verdicts[job] = judge(deduplication, holder)
    if verdicts[job].isAdded then
      if verdicts[job].replaces then
        local replaced = queueOf[job] .. ':' .. holder.id
        parentOf[replaced], living[replaced] = nil, false
      end
      local timing = arguments[at + 6]
      holders[name] = { id = idOf[job], exists = true, isDelayed = timing ~= '' and not string.find(timing, ' 0 %d+$') }
    end
  end
  if not verdicts[job] or verdicts[job].isAdded then
    parentOf[key] = parentKey or (exists[job] and presentParent(key)) or false
  end
end

-- Where the hash of a job was written ahead: at its own place, unless somebody else may be there.
local aheadOf = {}
if staged ~= '' then
  for job = 1, count do
    aheadOf[job] = arguments[3 + (job - 1) * width + 2] ~= '' and keyOf[job] .. ':' .. staged .. '-' .. job or keyOf[job]
  end
  local there = 0
  for first = 1, count, 1000 do
    there = there + call('EXISTS', unpack(aheadOf, first, math.min(first + 999, count)))
  end
  if there < count then return { Code.lostJobs } end
end

local queues = {}
-- First of all: the one write that may be refused, where something else than a number stands there.
for _, key in ipairs(KEYS) do
  if added[key] then call('INCRBY', key .. Key.id, added[key]) end
end
for _, key in ipairs(KEYS) do
  local queue = { head = {}, tail = {}, waiting = {}, wakes = false, events = 0, stream = key .. Key.events }
  queue.limit = tonumber(settings(key).maxLenEvents) + 1000
  introduce(key)
  queues[key] = queue
end
for job = 1, count do
  local queue = queues[queueOf[job]]
  queue.events = queue.events + 2
end
local children, parents, adopted = {}, {}, {}

local function link(parentKey, key)
  local list = children[parentKey]
  if not list then
    list = {}
    children[parentKey] = list
    parents[#parents + 1] = parentKey
  end
  list[#list + 1] = key
end

-- Events that the stream's limit would cut off before anybody could read them are not written at all; the others are
-- cut to that limit once, at the end.
local function tell(queue, event, id, ...)
  queue.events = queue.events - 1
  if queue.events < queue.limit then tolerantly('XADD', queue.stream, '*', EventField.event, event, EventField.jobID, id, ...) end
end

-- An existing job under a parent: linked to it, or, where it has already completed, its value handed over.
local function adopt(base, id, key, parentKey, parent, timestamp)
  call('HSET', key, Field.parentKey, parentKey, Field.parent, parent)
  if call('ZSCORE', base .. Key.completed, id) then
    call('HSET', parentKey .. Beside.processed, key, call('HGET', key, Field.returnvalue) or 'null')
    adopted[#adopted + 1] = { parent = parentFrom(parentKey, parent, base), at = tonumber(timestamp) }
  else
    link(parentKey, key)
  end
end

local function write(key, at, ahead, timestamp, delay, priority, parentKey)
  if ahead then
    if ahead ~= key then call('RENAME', ahead, key) end
    call('PERSIST', key)
  elseif parentKey then
    call('HSET', key, Field.name, arguments[at + 3], Field.data, arguments[at + 4], Field.opts, arguments[at + 5], Field.timestamp, timestamp,
      Field.delay, delay, Field.priority, priority, Field.parentKey, parentKey, Field.parent, arguments[at + 9])
  else
    call('HSET', key, Field.name, arguments[at + 3], Field.data, arguments[at + 4], Field.opts, arguments[at + 5], Field.timestamp, timestamp,
      Field.delay, delay, Field.priority, priority)
  end
end

local reply = { 0 }
for job in pairs(counted) do
  reply[#reply + 1] = job - 1
  reply[#reply + 1] = idOf[job]
end
for job = 1, count do
  local at = 3 + (job - 1) * width
  local base, key, parentKey = queueOf[job], keyOf[job], parentKeyOf[job]
  local queue = queues[base]
  local id, name, kind, deduplication = idOf[job], arguments[at + 3], arguments[at + 7], arguments[at + 10]
  local verdict = verdicts[job]
  if verdict and not verdict.isAdded then
    local wanted = cjson.decode(deduplication)
    if verdict.isKept then
      local ahead = aheadOf[job]
      local fields = ahead and call('HMGET', ahead, Field.name, Field.data, Field.opts)
        or { name, arguments[at + 4], arguments[at + 5] }
      keepForLater(base, wanted.id, id, fields)
    elseif verdict.extends then
      setHolder(base, wanted, verdict.holder)
    end
    if aheadOf[job] then call('DEL', aheadOf[job]) end
    if not verdict.isSilent then
      tell(queue, Event.deduplicated, verdict.holder, EventField.deduplicationID, wanted.id, EventField.deduplicatedJobID, id)
    end
    reply[#reply + 1] = job - 1
    reply[#reply + 1] = verdict.holder
  elseif exists[job] then
    if aheadOf[job] then call('DEL', aheadOf[job]) end
    tell(queue, Event.duplicated, id)
    if parentKey then
      adopt(base, id, key, parentKey, arguments[at + 9], string.match(arguments[at + 6], '^%d+') or now)
    end
  else
    local timestamp, delay, priority = now, '0', '0'
    if arguments[at + 6] ~= '' then timestamp, delay, priority = string.match(arguments[at + 6], '^(%d+) (%d+) (%d+)$') end
    write(key, at, aheadOf[job], timestamp, delay, priority, parentKey)
    if parentKey then link(parentKey, key) end
    if verdict then claim(base, id, cjson.decode(deduplication), verdict) end
    tell(queue, Event.added, id, EventField.name, name)
    if kind == 'parent' then
      local waiting = queue.waiting
      waiting[#waiting + 1] = timestamp
      waiting[#waiting + 1] = id
      tell(queue, Event.waitingChildren, id)
    elseif delay ~= '0' then
      local due = tonumber(timestamp) + tonumber(delay)
      postpone(base, id, due)
      tell(queue, Event.delayed, id, EventField.delay, whole(due))
    else
      if priority ~= '0' then
        prioritize(base, id, tonumber(priority))
      else
        local ready = kind == 'lifo' and queue.tail or queue.head
        ready[#ready + 1] = id
      end
      queue.wakes = true
      tell(queue, Event.waiting, id)
    end
  end
end

-- Writes a long list of values by one call a thousand.
local function writeAll(command, key, values)
  for first = 1, #values, 1000 do
    call(command, key, unpack(values, first, math.min(first + 999, #values)))
  end
end

for base, queue in pairs(queues) do
  writeAll('LPUSH', base .. Key.wait, queue.head)
  writeAll('RPUSH', base .. Key.wait, queue.tail)
  writeAll('ZADD', base .. Key.waitingChildren, queue.waiting)
  if queue.wakes then wake(base) end
  tolerantly('XTRIM', queue.stream, 'MAXLEN', '~', settings(base).maxLenEvents)
end
for _, parentKey in ipairs(parents) do writeAll('SADD', parentKey .. Beside.dependencies, children[parentKey]) end
-- Only now is every child linked: a parent all of whose children had already completed may run.
for _, each in ipairs(adopted) do releaseIfDone(each.parent, each.at) end
return reply
