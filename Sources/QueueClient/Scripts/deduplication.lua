-- How of jobs with the same deduplication id one is in the queue at most: functions for scripts.
--
-- The key P:Q:de:ID names the job that keeps the others out, its holder. P:Q:dn:ID is the newest of those kept out
-- while the holder was active, where they wanted that: it is added when the holder ends.

-- Who holds a deduplication key; nil for nobody.
local function holderOf(queue, name)
  local id = call('GET', name)
  if not id then return nil end
  return {
    id = id, isDelayed = call('ZSCORE', queue .. Key.delayed, id), exists = call('EXISTS', queue .. ':' .. id) == 1,
    lastsForever = call('PTTL', name) == -1, queue = queue,
  }
end

-- What becomes of a job that wants in.
--
-- Returns isAdded; replaces: in the place of the holder; isAnew: the holder is gone, and what it left goes too; isKept:
-- for when the holder ends; extends: the holder's time begins anew; isSilent: no event tells of it; holder: its id.
local function judge(wanted, holder)
  if not holder then return { isAdded = true } end
  if wanted.replace and holder.isDelayed then return { isAdded = true, replaces = true, holder = holder.id } end
  if holder.lastsForever and not holder.exists then return { isAdded = true, isAnew = true } end
  local isKept = wanted.keepLastIfActive and holder.queue and call('LPOS', holder.queue .. Key.active, holder.id)
  return {
    holder = holder.id, isKept = isKept and true or false, isSilent = wanted.replace and not isKept,
    extends = not wanted.replace and wanted.extend and wanted.ttl and wanted.ttl > 0,
  }
end

-- Makes a job the holder, for its time where it has one: a job that keeps the last one in mind has none.
local function setHolder(queue, wanted, id)
  local name = queue .. Named.deduplication .. wanted.id
  if not wanted.keepLastIfActive and wanted.ttl and wanted.ttl > 0 then
    call('SET', name, id, 'PX', whole(wanted.ttl))
  else
    call('SET', name, id)
  end
end

-- A job that is added becomes the holder.
local function claim(queue, id, wanted, verdict)
  local name = queue .. Named.deduplication .. wanted.id
  if verdict.replaces or verdict.isAnew then call('DEL', queue .. Named.deduplicationNext .. wanted.id) end
  if verdict.replaces and call('ZREM', queue .. Key.delayed, verdict.holder) == 1 then
    delete(queue .. ':' .. verdict.holder)
    emit(queue, Event.removed, EventField.jobID, verdict.holder, EventField.previous, State.delayed)
    emit(queue, Event.deduplicated, EventField.jobID, id, EventField.deduplicationID, wanted.id, EventField.deduplicatedJobID, verdict.holder)
  end
  if verdict.replaces and not wanted.keepLastIfActive and not wanted.extend and wanted.ttl and wanted.ttl > 0 then
    -- The time of the first goes on.
    call('SET', name, id, 'KEEPTTL')
  else
    setHolder(queue, wanted, id)
  end
  call('HSET', queue .. ':' .. id, Field.deduplicationID, wanted.id)
end

-- Keeps a job for when the holder ends; only the newest is kept.
--
-- fields  its name, data and options
local function keepForLater(queue, deduplicationID, id, fields)
  local key = queue .. Named.deduplicationNext .. deduplicationID
  call('DEL', key)
  call('HSET', key, Field.name, fields[1], Field.data, fields[2], Field.opts, fields[3], NextField.jobID, id)
  call('PERSIST', queue .. Named.deduplication .. deduplicationID)
end
