-- Looks for trouble among parents that wait: for a child that failed, is gone or has completed, or for none at all; and
-- for what is unusual: children in no place or in two, or of another parent, and parents in a circle.
--
-- KEYS  the parents' queue's base key
-- ARGV  'rank', from which parent on and how many; or 'ids' and the parents; before that, how many children of all
--       these are looked at, and how many of one parent
-- Returns the troubles: each the parent's id, what it is, the child, the child's name and the reason; how many parents
-- were looked at; how many of them are roots; those with too many children for a look; parents with children in other
-- queues, each followed by such a queue; children in no sorted set, of queues with long lists, each its parent's id, its
-- queue and its id; and the keys that could not be read.

local queue = KEYS[1]
local budget, most, mode = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local waiting = queue .. Key.waitingChildren
local ids
if mode == 'rank' then
  ids = ask('ZRANGE', waiting, tonumber(ARGV[4]), tonumber(ARGV[4]) + tonumber(ARGV[5]) - 1) or {}
else
  ids = {}
  for place = 4, #ARGV do
    if ask('ZSCORE', waiting, ARGV[place]) then ids[#ids + 1] = ARGV[place] end
  end
end

local troubles, wide, looked, roots = {}, {}, 0, 0
local families, children, parents = {}, {}, {}

-- Whether a parent is the root of its flow; and whether what is above it is unusual: it is in a circle, or its own parent
-- is gone.
local function standing(key)
  local parent, itsQueue, itsID = parentOf(key)
  if not parent then return true, false end
  if not exists(parent) then return true, isWaitedForBy(key, parent, itsQueue, itsID) end
  local isTop = isRoot(key)
  return isTop, isTop
end

for _, id in ipairs(ids) do
  if budget <= 0 then break end
  looked, budget = looked + 1, budget - 1
  local parent = queue .. ':' .. id
  local isTop, isDoubtful = standing(parent)
  if isTop then roots = roots + 1 end
  local count = ask('SCARD', parent .. Beside.dependencies) or 0
  if not exists(parent) then
    troubles[#troubles + 1] = { id, Trouble.missingParent, '', '', '' }
  elseif count == 0 then
    troubles[#troubles + 1] = { id, Trouble.waitsForNothing, '', '', '' }
  elseif isDoubtful then
    troubles[#troubles + 1] = { id, Trouble.doubtful, '', '', '' }
  elseif count > most then
    wide[#wide + 1] = id
  else
    budget = budget - count
    local family = ask('SMEMBERS', parent .. Beside.dependencies) or {}
    families[#families + 1] = { id, family }
    for _, child in ipairs(family) do
      children[#children + 1] = child
      parents[child] = parent
    end
  end
end

local found, unlisted, queueOf = troublesAmong(children, queue, parents)
local elsewhere, lost = {}, {}
for _, family in ipairs(families) do
  local known = { [queue] = true }
  for _, child in ipairs(family[2]) do
    local its = queueOf[child]
    if its and not known[its] then
      known[its] = true
      elsewhere[#elsewhere + 1] = family[1]
      elsewhere[#elsewhere + 1] = its
    end
    if unlisted[child] then lost[#lost + 1] = { family[1], unlisted[child][1], unlisted[child][2] } end
  end
  for _, child in ipairs(family[2]) do
    local trouble = found[child]
    if trouble then
      troubles[#troubles + 1] = { family[1], trouble[1], child, trouble[2], trouble[3] }
      break
    end
  end
end
return { troubles, looked, roots, wide, elsewhere, lost, notes() }
