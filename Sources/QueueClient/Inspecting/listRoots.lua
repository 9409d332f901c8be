-- Lists flows from a sorted set of a queue, from a point on, up or down.
--
-- KEYS  the sorted set
-- ARGV  the queue's base key; 'up' or 'down'; the point's score, '' for the beginning; where that point is among members
--       of this score: 'low' below all, 'high' above all, 'at' at an id; that id; how many flows are wanted; how much
--       may be looked at; 'parents' where every member is a parent
-- Returns the flows, ids and scores by turns; the score and the id of the first and of the last member looked at; how
-- many were looked at; how many members there are; 1 where nothing is left; and the keys that could not be read.

local key, queue, isDown = KEYS[1], ARGV[1], ARGV[2] == 'down'
local score, where, id = ARGV[3], ARGV[4], ARGV[5]
local wanted, budget, areParents = tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8] == 'parents'
local size = ask('ZCARD', key) or 0

-- By bytes, as Redis orders members of one score.
local function isBelow(one, other)
  for place = 1, math.min(#one, #other) do
    local left, right = string.byte(one, place), string.byte(other, place)
    if left ~= right then return left < right end
  end
  return #one < #other
end

-- How many members come before the point, and how many up to it.
local function around()
  if score == '' then return isDown and size or 0, isDown and size or 0 end
  if where == 'low' then
    local rank = ask('ZCOUNT', key, '-inf', '(' .. score) or 0
    return rank, rank
  end
  local high = ask('ZCOUNT', key, '-inf', score) or 0
  if where == 'high' then return high, high end
  local its = ask('ZSCORE', key, id)
  if its and tonumber(its) == tonumber(score) then
    local rank = ask('ZRANK', key, id) or 0
    return rank, rank + 1
  end
  local low = ask('ZCOUNT', key, '-inf', '(' .. score) or 0
  while low < high do
    local middle = math.floor((low + high) / 2)
    local member = (ask('ZRANGE', key, middle, middle) or {})[1]
    if member and isBelow(member, id) then low = middle + 1 else high = middle end
  end
  return low, low
end

local before, upTo = around()
local rank = isDown and before - 1 or upTo
local flows, first, last, looked, cost = {}, nil, nil, 0, 0

local function take(members)
  local families, parents = {}, not areParents and {} or nil
  if parents then
    for place = 1, #members, 2 do
      local job = queue .. ':' .. members[place]
      local size = #families
      families[size + 1] = job .. Beside.processed
      families[size + 2] = job .. Beside.dependencies
      families[size + 3] = job .. Beside.failed
      families[size + 4] = job .. Beside.unsuccessful
    end
    -- Most jobs have no children, and are asked about together.
    if #families > 0 and redis.call('EXISTS', unpack(families)) == 0 then families = nil end
  end
  for place = 1, #members, 2 do
    local member, its = members[place], members[place + 1]
    first = first or { its, member }
    last = { its, member }
    looked, cost = looked + 1, cost + 1
    local job = queue .. ':' .. member
    if not parents or (families and isParent(job)) then
      cost = cost + 3
      if isRoot(job) then
        flows[#flows + 1] = member
        flows[#flows + 1] = its
        if #flows >= wanted * 2 then return true end
      end
    end
    if cost >= budget then return true end
  end
  return false
end

local isEnd = false
while true do
  if isDown and rank < 0 or not isDown and rank >= size then
    isEnd = true
    break
  end
  local portion = math.min(64, math.max(8, wanted))
  local from, to = rank, math.min(size - 1, rank + portion - 1)
  if isDown then from, to = math.max(0, rank - portion + 1), rank end
  local members = ask('ZRANGE', key, from, to, 'WITHSCORES')
  if not members or #members == 0 then
    isEnd = true
    break
  end
  if isDown then
    local turned = {}
    for place = #members - 1, 1, -2 do
      turned[#turned + 1] = members[place]
      turned[#turned + 1] = members[place + 1]
    end
    members = turned
  end
  local before = looked
  local isEnough = take(members)
  rank = rank + (isDown and -1 or 1) * (looked - before)
  if isEnough then
    isEnd = isDown and rank < 0 or not isDown and rank >= size
    break
  end
end
first, last = first or { false, false }, last or { false, false }
return { flows, first[1], first[2], last[1], last[2], looked, size, isEnd and 1 or 0, notes() }
