-- Whether jobs still are where they were seen one thing after the other, all of it at one time.
--
-- KEYS  the jobs' keys, some dozens
-- ARGV  how much of each end of a list is looked through; then for each job its queue's base key, its id, the parent that
--       waits for it, that parent's queue's base key and its id (all three empty where no parent is in question), and
--       `lists` where the lists are to be looked through, too
-- Returns for each a text of signs: `x` the parent does not wait for it any more; `e` it exists; `c` completed,
-- `f` failed, `d` delayed, `p` prioritized, `w` waiting for children; `a` active, `q` waiting; `u` perhaps in the middle
-- of a long list; `n` it has no pending children; and the keys that could not be read.

local listEnd = tonumber(ARGV[1])
local places = {
  { 'c', Key.completed }, { 'f', Key.failed }, { 'd', Key.delayed }, { 'p', Key.prioritized },
  { 'w', Key.waitingChildren },
}
local lists = { { 'a', Key.active }, { 'q', Key.wait }, { 'q', Key.paused } }

local function seek(list, id)
  if ask('LPOS', list, id, 'MAXLEN', listEnd) or ask('LPOS', list, id, 'RANK', -1, 'MAXLEN', listEnd) then return true end
  return false, (ask('LLEN', list) or 0) > 2 * listEnd
end

local signs = {}
for at, key in ipairs(KEYS) do
  local queue, id, parent, parentQueue, parentID, seeks = unpack(ARGV, at * 6 - 4, at * 6 + 1)
  local its = ''
  if parent ~= '' then
    local waits = ask('ZSCORE', parentQueue .. Key.waitingChildren, parentID)
    if not waits or ask('SISMEMBER', parent .. Beside.dependencies, key) ~= 1 then its = 'x' end
  end
  if its == '' then
    if exists(key) then its = 'e' end
    for _, place in ipairs(places) do
      if ask('ZSCORE', queue .. place[2], id) then its = its .. place[1] end
    end
    if seeks == 'lists' then
      for _, list in ipairs(lists) do
        local isFound, isUnsure = seek(queue .. list[2], id)
        if isFound then its = its .. list[1] end
        if isUnsure then its = its .. 'u' end
      end
    end
    if not exists(key .. Beside.dependencies) then its = its .. 'n' end
  end
  signs[at] = its
end
return { signs, notes() }
