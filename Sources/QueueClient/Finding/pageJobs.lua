-- Reads some jobs of a list or a sorted set: of each the fields that are asked for, as far as they are short.
--
-- KEYS  the list or sorted set
-- ARGV  the queue's base key; which place it is; how many jobs were passed; how many are wanted; how long a text may be;
--       how many bytes of texts are enough; how many members follow; the members passed last, each its id and its score,
--       the very last one first; the names of the fields
-- A list is read from its head, a sorted set from its highest score. Where members before have come or gone meanwhile, a
-- sorted set is read on behind the last member that is still there.
-- Returns how many are passed now; how many were looked at; how many there are; of each job that exists its id, its score,
-- and the fields: a text, nothing, or the size of a text that is too long; the members passed last, as above; and the keys
-- that could not be read.

local key, queue, place = KEYS[1], ARGV[1], ARGV[2]
local passed, count, limit, budget = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local members = tonumber(ARGV[7])
local firstField = 8 + 2 * members
local isList = place == Suffix.active or place == Suffix.wait or place == Suffix.paused

-- A member whose score has changed stands elsewhere.
for at = 8, firstField - 2, 2 do
  if ask('ZSCORE', key, ARGV[at]) == ARGV[at + 1] then
    passed = ask('ZREVRANK', key, ARGV[at]) + 1
    break
  end
end

local found, width
if isList then
  found, width = ask('LRANGE', key, passed, passed + count - 1) or {}, 1
else
  found, width = ask('ZREVRANGE', key, passed, passed + count - 1, 'WITHSCORES') or {}, 2
end

local rows, looked, last = {}, 0, {}
for at = 1, #found, width do
  if budget < 0 then break end
  local id, score = found[at], width == 2 and found[at + 1] or ''
  local job = queue .. ':' .. id
  looked = looked + 1
  local row, isThere = { id, score }, false
  for name = firstField, #ARGV do
    local size = ask('HSTRLEN', job, ARGV[name]) or 0
    local value = false
    if size > limit then
      value = size
    elseif size > 0 then
      value = ask('HGET', job, ARGV[name])
      budget = budget - size
    end
    isThere = isThere or value ~= false
    row[#row + 1] = value
  end
  if isThere or exists(job) then rows[#rows + 1] = row end
end

if not isList then
  for at = looked, math.max(1, looked - 3), -1 do
    last[#last + 1] = found[2 * at - 1]
    last[#last + 1] = found[2 * at]
  end
end
local size = ask(isList and 'LLEN' or 'ZCARD', key) or 0
return { passed + looked, looked, size, rows, last, notes() }
