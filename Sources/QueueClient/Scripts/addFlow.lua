-- Adds the jobs of one or more flows: every check first, then every write, so that it is all or nothing.
-- What goes to one list or set is gathered and written at once: a flow of ten thousand jobs must not stall Redis.
--
-- KEYS  the base keys of the queues
-- ARGV  now, then twelve for each job, parents before their children: the queue's place in KEYS, id, name,
--       data, opts, timestamp, delay, priority, kind (parent, leaf, lifo), the parent's key or '', the parent
--       as JSON or '', the deduplication as JSON or ''
-- Returns {-5, job, parent} for a missing parent, {-7, job, parent} for one that cannot be replaced; else
-- {0, job, id, …}: the jobs that were deduplicated, and the ids that stand for them.

local now = tonumber(ARGV[1])
local width = 12
local jobs = (#ARGV - 1) / width

-- What the checks found out, for the writes.
local planned, exists, living = {}, {}, {}
local standIns, deduplications = {}, {}

local function lives(key)
  if planned[key] then return true end
  if living[key] == nil then living[key] = call('EXISTS', key) == 1 end
  return living[key]
end

for job = 1, jobs do
  local at = 2 + (job - 1) * width
  local queue, id, parentKey = KEYS[tonumber(ARGV[at])], ARGV[at + 1], ARGV[at + 9]
  local key = queue .. ':' .. id
  if parentKey ~= '' and not lives(parentKey) then return { -5, job - 1, parentKey } end
  exists[job] = planned[key] ~= nil or call('EXISTS', key) == 1
  if exists[job] and parentKey ~= '' then
    local present = planned[key] or call('HGET', key, 'parentKey')
    if present and present ~= '' and present ~= parentKey and lives(present) then
      return { -7, job - 1, present }
    end
  end
  if ARGV[at + 11] ~= '' and not exists[job] then
    local deduplication = cjson.decode(ARGV[at + 11])
    local name = queue .. ':de:' .. deduplication.id
    local first = deduplications[name] or call('GET', name)
    -- A delayed job may be put in the place of one that still waits for its time.
    local isReplaced = first and deduplication.replace and call('ZSCORE', queue .. ':delayed', first)
    if first and not isReplaced then
      standIns[job] = first
    else
      deduplications[name] = id
    end
  end
  if not standIns[job] then planned[key] = planned[key] or parentKey end
end

local queues = {}
for place, key in ipairs(KEYS) do
  queues[place] = { key = key, added = 0, head = {}, tail = {}, waiting = {}, wakes = false }
  call('HSETNX', key .. ':meta', 'opts.maxLenEvents', 10000)
end
local children, parents, adopted = {}, {}, {}

local function link(parentKey, key)
  if not children[parentKey] then
    children[parentKey] = {}
    parents[#parents + 1] = parentKey
  end
  table.insert(children[parentKey], key)
end

-- An existing job under a parent: linked to it, or, where it has already completed, its value handed over.
local function adopt(queue, id, key, parentKey, parent)
  call('HSET', key, 'parentKey', parentKey, 'parent', parent)
  if call('ZSCORE', queue .. ':completed', id) then
    call('HSET', parentKey .. ':processed', key, call('HGET', key, 'returnvalue') or 'null')
    adopted[#adopted + 1] = parentKey
  else
    link(parentKey, key)
  end
end

local function claim(queue, id, json)
  local deduplication = cjson.decode(json)
  local name = queue.key .. ':de:' .. deduplication.id
  local replaced = deduplication.replace and call('GET', name)
  if replaced and call('ZREM', queue.key .. ':delayed', replaced) == 1 then
    delete(queue.key .. ':' .. replaced)
    emit(queue.key, 'removed', 'jobId', replaced, 'prev', 'delayed')
    emit(queue.key, 'deduplicated', 'jobId', id, 'deduplicationId', deduplication.id, 'deduplicatedJobId', replaced)
  end
  if deduplication.ttl and deduplication.ttl > 0 then
    call('SET', name, id, 'PX', whole(deduplication.ttl))
  else
    call('SET', name, id)
  end
  call('HSET', queue.key .. ':' .. id, 'deid', deduplication.id)
end

local reply = { 0 }
for job = 1, jobs do
  local at = 2 + (job - 1) * width
  local queue = queues[tonumber(ARGV[at])]
  local id, parentKey, parent, deduplication = ARGV[at + 1], ARGV[at + 9], ARGV[at + 10], ARGV[at + 11]
  local key = queue.key .. ':' .. id
  queue.added = queue.added + 1
  if standIns[job] then
    local wanted = cjson.decode(deduplication)
    if wanted.extend and wanted.ttl and wanted.ttl > 0 then
      call('PEXPIRE', queue.key .. ':de:' .. wanted.id, whole(wanted.ttl))
    end
    emit(queue.key, 'deduplicated', 'jobId', standIns[job], 'deduplicationId', wanted.id, 'deduplicatedJobId', id)
    reply[#reply + 1] = job - 1
    reply[#reply + 1] = standIns[job]
  elseif exists[job] then
    emit(queue.key, 'duplicated', 'jobId', id)
    if parentKey ~= '' then adopt(queue.key, id, key, parentKey, parent) end
  else
    local timestamp, delay, priority, kind = ARGV[at + 5], tonumber(ARGV[at + 6]), ARGV[at + 7], ARGV[at + 8]
    if parentKey == '' then
      call('HSET', key, 'name', ARGV[at + 2], 'data', ARGV[at + 3], 'opts', ARGV[at + 4], 'timestamp', timestamp,
        'delay', ARGV[at + 6], 'priority', priority)
    else
      call('HSET', key, 'name', ARGV[at + 2], 'data', ARGV[at + 3], 'opts', ARGV[at + 4], 'timestamp', timestamp,
        'delay', ARGV[at + 6], 'priority', priority, 'parentKey', parentKey, 'parent', parent)
      link(parentKey, key)
    end
    if deduplication ~= '' then claim(queue, id, deduplication) end
    emit(queue.key, 'added', 'jobId', id, 'name', ARGV[at + 2])
    if kind == 'parent' then
      table.insert(queue.waiting, timestamp)
      table.insert(queue.waiting, id)
      emit(queue.key, 'waiting-children', 'jobId', id)
    elseif delay > 0 then
      local due = tonumber(timestamp) + delay
      postpone(queue.key, id, due)
      emit(queue.key, 'delayed', 'jobId', id, 'delay', whole(due))
    else
      if priority ~= '0' then
        prioritize(queue.key, id, tonumber(priority))
      else
        table.insert(kind == 'lifo' and queue.tail or queue.head, id)
      end
      queue.wakes = true
      emit(queue.key, 'waiting', 'jobId', id)
    end
  end
end

-- Writes a long list of values by one call a thousand.
local function write(command, key, values)
  for first = 1, #values, 1000 do
    call(command, key, unpack(values, first, math.min(first + 999, #values)))
  end
end

for _, queue in ipairs(queues) do
  call('INCRBY', queue.key .. ':id', queue.added)
  write('LPUSH', queue.key .. ':wait', queue.head)
  write('RPUSH', queue.key .. ':wait', queue.tail)
  write('ZADD', queue.key .. ':waiting-children', queue.waiting)
  if queue.wakes then wake(queue.key) end
end
for _, parentKey in ipairs(parents) do write('SADD', parentKey .. ':dependencies', children[parentKey]) end
-- Only now is every child linked: a parent all of whose children had already completed may run.
for _, parentKey in ipairs(adopted) do releaseIfDone(parentKey, now) end
return reply
