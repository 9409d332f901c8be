-- The scores of members of a sorted set, in order; false for one that is not in it.
local function scores(key, members)
  return ask('ZMSCORE', key, unpack(members)) or {}
end

-- What is wrong with children that their parent waits for, by their keys: what it is, the child's name, and why it
-- failed; a policy for that was carried out when it failed, or never is. Some hundred children are asked about in a few
-- commands.
--
-- near  the queue of whoever names them
local function troublesAmong(children, near)
  local troubles = {}
  if #children == 0 then return troubles end
  local queues = {}
  for _, child in ipairs(children) do
    local queue, id = splitJobKey(child, near)
    if queue then
      local its = queues[queue] or { keys = {}, ids = {} }
      queues[queue] = its
      its.keys[#its.keys + 1], its.ids[#its.ids + 1] = child, id
    else
      troubles[child] = { Trouble.missingChild, '', '' }
    end
  end
  local settled = {}
  for queue, its in pairs(queues) do
    local failed, completed = scores(queue .. Key.failed, its.ids), scores(queue .. Key.completed, its.ids)
    for place, child in ipairs(its.keys) do
      settled[child] = failed[place] or completed[place]
      if failed[place] then
        local reason = short(child, Field.failedReason, 65536)
        troubles[child] = { Trouble.failedChild, short(child, Field.name, 1024) or '', reason and string.sub(reason, 1, 500) or '' }
      elseif completed[place] then
        troubles[child] = { Trouble.completedStillPending, short(child, Field.name, 1024) or '', '' }
      end
    end
  end
  if ask('EXISTS', unpack(children)) == #children then return troubles end
  for _, child in ipairs(children) do
    if not settled[child] and not troubles[child] and not exists(child) then
      troubles[child] = { Trouble.missingChild, '', '' }
    end
  end
  return troubles
end
