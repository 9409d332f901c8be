-- Errors in the middle of a script, and keys of another kind than BullMQ's: functions for scripts.

-- The words of an error that was caught.
local function words(problem)
  return type(problem) == 'table' and problem.err or tostring(problem)
end

-- An error's words where Redis, as it is or as it treats us, takes no change now, whichever job it is about: it is a
-- replica, has too few of them, lets us not. nil for an error that is about a key or its value.
local function refusal(problem)
  local text, known = words(problem), Refusals.words
  for _, missingRight in ipairs({ 'The user executing the script', 'ACL failure in script' }) do
    local at = string.find(text, missingRight, 1, true)
    if at then return 'NOPERM ' .. string.sub(text, at) end
  end
  for word in string.gmatch(text, '%u%u+') do
    if word ~= 'ERR' then return known[word] and text or nil end
  end
end

-- The code of a job whose end came upon an error that is about a key or its value.
local function codeOf(problem)
  return string.find(words(problem), 'WRONGTYPE', 1, true) and Code.wrongKind or Code.scriptError
end

-- The first of a queue's own keys that holds another kind of value than is needed to take jobs and to end them, in
-- words; nil where there is none. Asked for where something went wrong, or might.
local function misfit(queue)
  for _, each in ipairs(Kinds.needed) do
    local kind = call('TYPE', queue .. each[1]).ok
    if kind ~= 'none' and kind ~= each[2] then
      return 'WRONGTYPE "' .. queue .. each[1] .. '" is a ' .. kind .. ', but should be a ' .. each[2]
    end
  end
end

-- Where a key of another kind ended a script in the middle of taking a job out of a worker's hands: the job is active
-- again, and the worker's where it may try again.
--
-- token         of the lock that the worker has; nil leaves the job to the next check for stalled jobs
-- milliseconds  for how long
local function restore(queue, id, token, milliseconds)
  local key = queue .. ':' .. id
  if call('EXISTS', key) == 0 or call('HGET', key, Field.finishedOn) then return end
  if token then
    local lock = call('GET', key .. Beside.lock)
    if lock and lock ~= token then return end
    call('SET', key .. Beside.lock, token, 'PX', milliseconds)
  end
  if not call('LPOS', queue .. Key.active, id) then call('LPUSH', queue .. Key.active, id) end
end
