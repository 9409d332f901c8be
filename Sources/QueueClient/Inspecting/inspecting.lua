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
  local fields = ask('HMGET', key, 'parent', 'parentKey')
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

-- Climbs from a job to the root of its flow: to the last ancestor that exists, or, in a circle, to its least key.
-- Returns the root's key, queue and id, and how many steps that took.
local function climb(key, queue, id)
  local path, seen = { { key, queue, id } }, { [key] = 1 }
  while true do
    local parent, itsQueue, itsID = parentOf(path[#path][1])
    if not parent then break end
    if seen[parent] then
      local least = path[seen[parent]]
      for place = seen[parent], #path do
        if path[place][1] < least[1] then least = path[place] end
      end
      return least[1], least[2], least[3], #path
    end
    if not exists(parent) then break end
    path[#path + 1] = { parent, itsQueue, itsID }
    seen[parent] = #path
    -- A chain as long as this is no flow that anybody added; its callers go on another time.
    if #path > 5000 then break end
  end
  local root = path[#path]
  return root[1], root[2], root[3], #path
end

-- Whether a job is the root of its flow.
local function isRoot(key)
  local parent = parentOf(key)
  if not parent or not exists(parent) then return true end
  -- Only in a circle may a job be a root that has a living parent.
  local grandparent = parentOf(parent)
  if not grandparent then return false end
  return climb(key) == key
end

-- Whether a job has, or had, children.
local function isParent(key)
  local count = ask('EXISTS', key .. ':dependencies', key .. ':processed', key .. ':failed', key .. ':unsuccessful')
  return (count or 0) > 0
end
