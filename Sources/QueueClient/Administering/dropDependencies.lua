-- Lets parents wait no longer for children that can never end for them.
--
-- KEYS  by turns a child's key and the key of the parent that waits for it
-- ARGV  for each pair the child's queue's base key and its id, the parent's queue's base key and its id, and what the
--       child is to be: `missing`, `failed`, `completed`, or `any` for whatever it is
-- Returns for each pair 0; -1 where the parent does not wait for it, -3 where the child is another than it was to be.

local codes = {}
for pair = 1, #KEYS / 2 do
  local child, at = KEYS[2 * pair - 1], 5 * (pair - 1)
  local queue, id = ARGV[at + 1], ARGV[at + 2]
  local parent = { key = KEYS[2 * pair], queue = ARGV[at + 3], id = ARGV[at + 4] }
  local expected = ARGV[at + 5]
  local isThere = call('EXISTS', child) == 1
  local isAsExpected = expected == Reason.any or (expected == Reason.missing and not isThere)
    or (expected == Reason.failed and call('ZSCORE', queue .. Key.failed, id))
    or (expected == Reason.completed and call('ZSCORE', queue .. Key.completed, id))
  if call('SISMEMBER', parent.key .. Beside.dependencies, child) == 0 then
    codes[pair] = Code.missingJob
  elseif not isAsExpected then
    codes[pair] = Code.notInState
  else
    if expected == Reason.completed then
      -- Its end was not told to its parent: now it is.
      call('HSET', parent.key .. Beside.processed, child, call('HGET', child, Field.returnvalue) or 'null')
    end
    leave(child, parent)
    codes[pair] = 0
  end
end
return codes
