-- Looks at jobs, each as a whole or in brief.
--
-- KEYS  the jobs' keys, some dozens
-- ARGV  'whole' or 'brief'; the longest text that is returned; how long a list may be to be looked through; how much of
--       each end of a longer one is; then for each job its queue's base key and its id
-- Returns a row for each job, as `JobEvidence` reads it, and the keys that could not be read.

local isWhole = ARGV[1] == 'whole'
local textLimit, wholeList, listEnd = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
-- From so many questions on, it is cheaper to read a list once than to have Redis walk it for each.
local manyQuestions = 12
-- Of a failure's reason, the beginning will do.
local reasonLimit = 65536

local lists = {}

local function list(key)
  local its = lists[key]
  if not its then
    its = { length = ask('LLEN', key) or 0, questions = 0 }
    lists[key] = its
  end
  return its
end

local function members(key, its)
  if its.members then return its.members end
  its.members = {}
  local parts = { { 0, -1 } }
  if its.length > wholeList then parts = { { 0, listEnd - 1 }, { -listEnd, -1 } } end
  for _, part in ipairs(parts) do
    for _, id in ipairs(ask('LRANGE', key, part[1], part[2]) or {}) do its.members[id] = true end
  end
  return its.members
end

-- 1: the list has it; 0: it has not; -1: not in the parts that were looked at.
local function seek(key, id)
  local its = list(key)
  if its.length == 0 then return 0 end
  its.questions = its.questions + 1
  local isFound
  if its.questions > manyQuestions then
    isFound = members(key, its)[id]
  elseif its.length <= wholeList then
    isFound = ask('LPOS', key, id)
  else
    isFound = ask('LPOS', key, id, 'MAXLEN', listEnd) or ask('LPOS', key, id, 'RANK', -1, 'MAXLEN', listEnd)
  end
  if isFound then return 1 end
  return its.length <= wholeList and 0 or -1
end

-- Lists that would tell nothing new are not looked at.
local function places(queue, id, scores)
  if scores[1] or scores[2] or scores[3] or scores[4] then return 0, 0, 0 end
  local active = seek(queue .. Key.active, id)
  if active == 1 then return 1, 0, 0 end
  local wait, paused = queue .. Key.wait, queue .. Key.paused
  local isLong = list(wait).length > wholeList or list(paused).length > wholeList
  if scores[5] and (isLong or not isWhole) then return active, 0, 0 end
  if not isWhole then
    return active, list(wait).length > 0 and -1 or 0, list(paused).length > 0 and -1 or 0
  end
  local inWait = seek(wait, id)
  if inWait == 1 then return active, 1, 0 end
  return active, inWait, seek(paused, id)
end

local rows = {}
for number, key in ipairs(KEYS) do
  local queue, id = ARGV[3 + number * 2], ARGV[4 + number * 2]
  local scores = {
    ask('ZSCORE', queue .. Key.completed, id), ask('ZSCORE', queue .. Key.failed, id),
    ask('ZSCORE', queue .. Key.delayed, id), ask('ZSCORE', queue .. Key.prioritized, id),
    ask('ZSCORE', queue .. Key.waitingChildren, id),
  }
  local active, wait, paused = places(queue, id, scores)
  local reason = short(key, Field.failedReason, reasonLimit)
  local row = {
    ask('EXISTS', key), scores[1], scores[2], scores[3], scores[4], scores[5], active, wait, paused,
    ask('PTTL', key .. Beside.lock), (short(key, Field.name, textLimit)), reason and string.sub(reason, 1, 500),
  }
  if isWhole then
    local counts = {
      ask('HLEN', key .. Beside.processed), ask('SCARD', key .. Beside.dependencies), ask('HLEN', key .. Beside.failed),
      ask('ZCARD', key .. Beside.unsuccessful),
    }
    local fields = ask('HMGET', key, Field.timestamp, Field.processedOn, Field.finishedOn, Field.attemptsMade, Field.formerAttemptsMade, Field.processedBy, Field.parentKey)
    for place = 1, 4 do row[#row + 1] = counts[place] end
    for place = 1, 7 do row[#row + 1] = fields and fields[place] end
    for _, field in ipairs({ Field.parent, Field.opts, Field.data, Field.progress, Field.returnvalue, Field.deferredFailure }) do
      row[#row + 1] = (short(key, field, textLimit))
    end
    row[#row + 1] = ask('HSTRLEN', key, Field.returnvalue)
  end
  rows[number] = row
end
return { rows, notes() }
