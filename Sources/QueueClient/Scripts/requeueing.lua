-- How the last job that was kept out follows the one that kept it out: a function for scripts.

-- A holder has ended: what was kept for that time is added.
local function addKept(queue, deduplicationID, now)
  local key = queue .. Named.deduplicationNext .. deduplicationID
  local name, data, opts, id, parentKey, parent, dependencies, scheduler = unpack(
    call('HMGET', key, Field.name, Field.data, Field.opts, NextField.jobID, NextField.parentKey, NextField.parent, NextField.parentDependencies, Field.repeatJobKey))
  if not opts then return end
  local counter = whole(call('INCR', queue .. Key.id))
  id = id or counter
  if call('EXISTS', queue .. ':' .. id) == 1 then
    -- Somebody else has added a job of that id meanwhile.
    emit(queue, Event.duplicated, EventField.jobID, id)
    call('DEL', key)
    return
  end
  local wanted = placing(opts).deduplication or {}
  setHolder(queue, {
    id = deduplicationID, ttl = number(wanted.ttl), keepLastIfActive = wanted.keepLastIfActive == true,
  }, id)
  introduce(queue)
  addOne(queue, {
    id = id, name = name or '', data = data or 'null', opts = opts, parentKey = parentKey or nil, parent = parent or nil,
    scheduler = scheduler or nil,
  }, now)
  if parentKey and dependencies then call('SADD', dependencies, queue .. ':' .. id) end
  call('DEL', key)
end
