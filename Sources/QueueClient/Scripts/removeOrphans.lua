-- Removes what is stored of jobs that stand in no list or set.
--
-- KEYS  the queue's base key
-- ARGV  ids that seem to be such, a hundred at the most
-- Returns how many were removed.

local queue, removed = KEYS[1], 0

local function isSomewhere(id)
  for _, set in ipairs({ Suffix.completed, Suffix.failed, Suffix.delayed, Suffix.prioritized, Suffix.waitingChildren }) do
    if call('ZSCORE', queue .. ':' .. set, id) then return true end
  end
  for _, list in ipairs({ Suffix.active, Suffix.wait, Suffix.paused }) do
    if call('LPOS', queue .. ':' .. list, id) then return true end
  end
  return false
end

for _, id in ipairs(ARGV) do
  local key = queue .. ':' .. id
  -- A hash that goes by itself is that of a large flow that is being added just now.
  if call('PTTL', key) < 0 and not isSomewhere(id) then
    delete(key)
    call('DEL', key .. Beside.lock)
    removed = removed + 1
  end
end
return removed
