-- How one job is added that is no part of a flow: functions for scripts.

-- The fields of options that say where a job goes. What cannot be read counts as absent.
local function placing(json)
  local decoded, opts = pcall(cjson.decode, json)
  if not decoded or type(opts) ~= 'table' then opts = {} end
  local deduplication = type(opts[Option.deduplication]) == 'table' and opts[Option.deduplication] or nil
  return {
    delay = number(opts.delay) or 0, priority = number(opts.priority) or 0, lifo = opts.lifo and opts.lifo ~= cjson.null,
    deduplication = deduplication, deduplicationID = deduplication and type(deduplication.id) == 'string' and deduplication.id,
  }
end

-- Stores a job and puts it where its options say.
--
-- job  id, name, data, opts (JSON), parentKey, parent, scheduler (nil: none); delay in milliseconds where another than
--      that of its options counts
local function addOne(queue, job, now)
  local place = placing(job.opts)
  local delay = job.delay or place.delay
  local fields = {
    Field.name, job.name, Field.data, job.data, Field.opts, job.opts, Field.timestamp, whole(now), Field.delay, whole(delay), Field.priority,
    whole(place.priority),
  }
  local function note(name, value)
    if value then
      fields[#fields + 1] = name
      fields[#fields + 1] = value
    end
  end
  note(Field.parentKey, job.parentKey)
  note(Field.parent, job.parentKey and job.parent)
  note(Field.repeatJobKey, job.scheduler)
  note(Field.deduplicationID, place.deduplicationID)
  call('HSET', queue .. ':' .. job.id, unpack(fields))
  emit(queue, Event.added, EventField.jobID, job.id, EventField.name, job.name)
  if delay > 0 then
    postpone(queue, job.id, now + delay)
    emit(queue, Event.delayed, EventField.jobID, job.id, EventField.delay, whole(now + delay))
  else
    enqueue(queue, job.id, place.priority, place.lifo)
    emit(queue, Event.waiting, EventField.jobID, job.id)
  end
end

-- The id of a scheduler's job that is due at a time.
local function scheduledID(scheduler, due)
  return Text.scheduledID .. scheduler .. ':' .. whole(tonumber(due))
end
