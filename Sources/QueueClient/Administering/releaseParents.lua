-- Lets parents go that wait for nothing.
--
-- KEYS  the parents' keys
-- ARGV  the time; then for each parent its queue's base key and its id
-- Returns for each 0; -3 where it does not wait for children, -4 where it waits for some.

local codes = {}
for number, key in ipairs(KEYS) do
  local parent = { key = key, queue = ARGV[2 * number], id = ARGV[2 * number + 1] }
  if not call('ZSCORE', parent.queue .. Key.waitingChildren, parent.id) then
    codes[number] = Code.notInState
  elseif call('SCARD', key .. Beside.dependencies) > 0 then
    codes[number] = Code.pendingChildren
  else
    release(parent, tonumber(ARGV[1]))
    codes[number] = 0
  end
end
return codes
