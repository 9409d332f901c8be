-- The scores of members of a sorted set, in order; false for one that is not in it.
local function scores(key, members)
  return ask('ZMSCORE', key, unpack(members)) or {}
end

-- The ids in the lists of a queue, each with how many of them it is in; nil where the lists are long, or jobs may wait in
-- groups of BullMQ Pro, where they are not looked for.
local shortLists, listedOf = 600, {}
local function listed(queue)
  local its = listedOf[queue]
  if its ~= nil then return its or nil end
  local lists, length = { Key.active, Key.wait, Key.paused }, 0
  for _, list in ipairs(lists) do length = length + (ask('LLEN', queue .. list) or 0) end
  its = false
  if length <= shortLists then
    its = {}
    for _, list in ipairs(lists) do
      for _, id in ipairs(length > 0 and ask('LRANGE', queue .. list, 0, -1) or {}) do its[id] = (its[id] or 0) + 1 end
    end
  end
  listedOf[queue] = its
  return its or nil
end

local groupsOf = {}
local function hasGroups(queue)
  local its = groupsOf[queue]
  if its == nil then
    its = (ask('EXISTS', queue .. Group.ready, queue .. Group.limited, queue .. Group.full, queue .. Group.paused) or 0) > 0
    groupsOf[queue] = its
  end
  return its
end

-- Whether a job that does not exist left something behind that waits for a child of it.
local function isWaitedForBy(child, parent, queue, id)
  return ask('ZSCORE', queue .. Key.waitingChildren, id) or ask('SISMEMBER', parent .. Beside.dependencies, child) == 1
end

-- Whether a job tells another parent than this one of its end.
local function isForeign(child, parent)
  local fields = ask('HMGET', child, Field.parentKey, Field.parent)
  if not fields then return true end
  if fields[1] ~= parent then return true end
  -- Where both are there, the second decides: a look at its text will do for most.
  local text = fields[2]
  if not text then return false end
  local queue = string.match(text, '"queueKey"%s*:%s*"([^"\\]*)"')
  local id = string.match(text, '"id"%s*:%s*"([^"\\]*)"')
  return not queue or not id or queue .. ':' .. id ~= parent
end

-- What is wrong with children that their parents wait for, by their keys: what it is, the child's name, and why it
-- failed; a policy for that was carried out when it failed, or never is. Some hundred children are asked about in a few
-- commands. Second, the children in no sorted set whose lists are too long, by their keys: their queue and id. Third, the
-- queues of the children, by their keys.
--
-- near     the queue of whoever names them
-- parents  by child, the key of the parent that waits for it
local function troublesAmong(children, near, parents)
  local troubles, unlisted, queueOf = {}, {}, {}
  if #children == 0 then return troubles, unlisted, queueOf end
  local queues = {}
  for _, child in ipairs(children) do
    local queue, id = splitJobKey(child, near)
    if queue then
      local its = queues[queue] or { keys = {}, ids = {} }
      queues[queue] = its
      its.keys[#its.keys + 1], its.ids[#its.ids + 1] = child, id
      queueOf[child] = queue
    else
      troubles[child] = { Trouble.missingChild, '', '' }
    end
  end
  local all = ask('EXISTS', unpack(children)) == #children
  for queue, its in pairs(queues) do
    local failed, completed = scores(queue .. Key.failed, its.ids), scores(queue .. Key.completed, its.ids)
    local others = {
      scores(queue .. Key.delayed, its.ids), scores(queue .. Key.prioritized, its.ids),
      scores(queue .. Key.waitingChildren, its.ids),
    }
    local lists = listed(queue)
    for place, child in ipairs(its.keys) do
      local id = its.ids[place]
      local places = (failed[place] and 1 or 0) + (completed[place] and 1 or 0)
      for _, found in ipairs(others) do
        if found[place] then places = places + 1 end
      end
      local inSets = places
      if lists then places = places + (lists[id] or 0) end
      if failed[place] then
        local reason = short(child, Field.failedReason, 65536)
        troubles[child] = { Trouble.failedChild, short(child, Field.name, 1024) or '', reason and string.sub(reason, 1, 500) or '' }
      elseif completed[place] then
        troubles[child] = { Trouble.completedStillPending, short(child, Field.name, 1024) or '', '' }
      elseif not all and not exists(child) then
        troubles[child] = { Trouble.missingChild, '', '' }
      elseif places > 1 or isForeign(child, parents[child]) then
        troubles[child] = { Trouble.doubtful, '', '' }
      elseif inSets == 0 and not (lists and places > 0) and not hasGroups(queue) then
        if lists then troubles[child] = { Trouble.doubtful, '', '' } else unlisted[child] = { queue, id } end
      end
    end
  end
  return troubles, unlisted, queueOf
end
