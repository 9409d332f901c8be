-- Adds the jobs of one or more flows: every check first, then every write, so that it is all or nothing.
--
-- KEYS  the base keys of the queues
-- ARGV  now, then eleven for each job, parents before their children: the queue's place in KEYS, id, name,
--       data, opts, timestamp, delay, priority, kind (parent, leaf, lifo), the parent's key or '', the parent
--       as JSON or ''
-- Returns {0}, or {-5, job, parent} for a missing parent, {-7, job, parent} for one that cannot be replaced.

local now = tonumber(ARGV[1])
local width = 11

local function job(at)
  return {
    queue = KEYS[tonumber(ARGV[at])], id = ARGV[at + 1], name = ARGV[at + 2], data = ARGV[at + 3],
    opts = ARGV[at + 4], timestamp = ARGV[at + 5], delay = tonumber(ARGV[at + 6]),
    priority = tonumber(ARGV[at + 7]), kind = ARGV[at + 8], parentKey = ARGV[at + 9], parent = ARGV[at + 10],
  }
end

local planned = {}
for at = 2, #ARGV, width do
  local queue, id, parentKey = KEYS[tonumber(ARGV[at])], ARGV[at + 1], ARGV[at + 9]
  local key = queue .. ':' .. id
  if parentKey ~= '' and not planned[parentKey] and call('EXISTS', parentKey) == 0 then
    return { -5, (at - 2) / width, parentKey }
  end
  if parentKey ~= '' then
    local present = planned[key] or call('HGET', key, 'parentKey')
    if present and present ~= '' and present ~= parentKey and (planned[present] or call('EXISTS', present) == 1) then
      return { -7, (at - 2) / width, present }
    end
  end
  planned[key] = planned[key] or parentKey
end

-- An existing job under a parent: linked to it, or, where it has already completed, its value handed over.
local function adopt(child, key, toRelease)
  if child.parentKey == '' then return end
  call('HSET', key, 'parentKey', child.parentKey, 'parent', child.parent)
  if call('ZSCORE', child.queue .. ':completed', child.id) then
    call('HSET', child.parentKey .. ':processed', key, call('HGET', key, 'returnvalue') or 'null')
    toRelease[#toRelease + 1] = child.parentKey
  else
    call('SADD', child.parentKey .. ':dependencies', key)
  end
end

local known = {}
local toRelease = {}
for at = 2, #ARGV, width do
  local new = job(at)
  local queue, id = new.queue, new.id
  local key = queue .. ':' .. id
  call('INCR', queue .. ':id')
  if not known[queue] then
    call('HSETNX', queue .. ':meta', 'opts.maxLenEvents', 10000)
    known[queue] = true
  end
  if call('EXISTS', key) == 1 then
    emit(queue, 'duplicated', 'jobId', id)
    adopt(new, key, toRelease)
  else
    local fields = { 'name', new.name, 'data', new.data, 'opts', new.opts, 'timestamp', new.timestamp,
      'delay', string.format('%.0f', new.delay), 'priority', string.format('%.0f', new.priority) }
    if new.parentKey ~= '' then
      fields[13], fields[14], fields[15], fields[16] = 'parentKey', new.parentKey, 'parent', new.parent
    end
    call('HSET', key, unpack(fields))
    emit(queue, 'added', 'jobId', id, 'name', new.name)
    if new.kind == 'parent' then
      call('ZADD', queue .. ':waiting-children', new.timestamp, id)
      emit(queue, 'waiting-children', 'jobId', id)
      toRelease[#toRelease + 1] = key
    elseif new.delay > 0 then
      local due = tonumber(new.timestamp) + new.delay
      postpone(queue, id, due)
      emit(queue, 'delayed', 'jobId', id, 'delay', string.format('%.0f', due))
    else
      enqueue(queue, id, new.priority, new.kind == 'lifo')
      emit(queue, 'waiting', 'jobId', id)
    end
    if new.parentKey ~= '' then call('SADD', new.parentKey .. ':dependencies', key) end
  end
end
-- Only now is every child linked: a parent all of whose children had already completed may run.
for _, key in ipairs(toRelease) do releaseIfDone(key, now) end
return { 0 }
