-- What the scripts share that only look. None of them writes. Nothing that is found is trusted: a key that cannot be
-- read as what it should be is noted, and everything else goes on.

local refused = {}

local function ask(command, key, ...)
  local reply = redis.pcall(command, key, ...)
  if type(reply) == 'table' and reply.err then
    refused[key] = reply.err
    return false
  end
  return reply
end

-- Keys that could not be read, each followed by what Redis said.
local function notes()
  local all = {}
  for key, line in pairs(refused) do
    all[#all + 1] = key
    all[#all + 1] = line
  end
  return all
end

-- A text of a hash where it is short; nothing where it is long. Second, its size.
local function short(key, field, limit)
  local size = ask('HSTRLEN', key, field) or 0
  if size == 0 or size > limit then return false, size end
  return ask('HGET', key, field), size
end

-- The key of a job's parent, its queue's base key and its id; nil for none. What its `parent` field says is exact; an id
-- may hold colons.
local function parentOf(key)
  local fields = ask('HMGET', key, Field.parent, Field.parentKey)
  if not fields then return nil end
  if fields[1] and #fields[1] < 4096 then
    local fine, parent = pcall(cjson.decode, fields[1])
    if fine and type(parent) == 'table' and type(parent.queueKey) == 'string' and type(parent.id) == 'string' then
      return parent.queueKey .. ':' .. parent.id, parent.queueKey, parent.id
    end
  end
  if not fields[2] then return nil end
  local queue, id = splitJobKey(fields[2])
  if not queue then return nil end
  return fields[2], queue, id
end

local function exists(key)
  return ask('EXISTS', key) == 1
end

-- The roots found so far, by the jobs that were met on the way to them: whoever comes by again climbs no further.
local rootOf = {}

-- Climbs from a job to the root of its flow: to the last ancestor that exists, or, in a circle, to its least key.
-- Returns the root's key, queue and id; queue and id are not known where the job itself is the root.
local function climb(key)
  if rootOf[key] then return unpack(rootOf[key]) end
  local path, seen = { { key } }, { [key] = 1 }
  local root
  while not root do
    local parent, itsQueue, itsID = parentOf(path[#path][1])
    if not parent then
      root = path[#path]
    elseif rootOf[parent] then
      root = rootOf[parent]
      if root[1] == parent then root = { parent, itsQueue, itsID } end
    elseif seen[parent] then
      root = { parent, itsQueue, itsID }
      for place = seen[parent], #path do
        if path[place][1] < root[1] then root = path[place] end
      end
    elseif not exists(parent) then
      root = path[#path]
    else
      path[#path + 1] = { parent, itsQueue, itsID }
      seen[parent] = #path
    end
  end
  for _, met in ipairs(path) do rootOf[met[1]] = root end
  return unpack(root)
end

-- The jobs that were met on the way up to an end: whoever is below one of them is in no circle.
local belowEnd = {}
-- By job, one above it with a lesser key than whoever came by.
local lesser = {}

-- Whether a job is the root of its flow. Only in a circle may one be that has a living parent: the one with the least key
-- is. So the way up is gone only until a lesser one is met; a chain of thousands is not climbed from each of its jobs.
local function isRoot(key)
  local parent = parentOf(key)
  if not parent or not exists(parent) then return true end
  local met, seen = {}, {}
  while parent and parent ~= key and not belowEnd[parent] do
    if parent < key then
      for _, job in ipairs(met) do lesser[job] = parent end
      return false
    end
    if seen[parent] then return false end
    seen[parent] = true
    met[#met + 1] = parent
    -- What lies between is no lesser: whoever is there has that lesser one above it, too.
    parent = lesser[parent] or parentOf(parent)
  end
  if parent == key then return true end
  for _, job in ipairs(met) do belowEnd[job] = true end
  return false
end

-- Whether a job has, or had, children.
local function isParent(key)
  local count = ask('EXISTS', key .. Beside.dependencies, key .. Beside.processed, key .. Beside.failed, key .. Beside.unsuccessful)
  return (count or 0) > 0
end
