-- What a worker says and is told in one breath: which of its jobs have ended, and which are its next.
--
-- KEYS  the queue's base key
-- ARGV  now, the token for the locks of the jobs taken, the locks' milliseconds, how many jobs to take at the most, what
--       else there is to know of the worker: '', or as JSON its name, max and duration of its rate limit, points: how
--       many points of metrics are kept. Then five for each job that ended: id, token of its lock, outcome (completed,
--       failed, retry), value (return value as JSON, or reason), and what else there is to know: '', or as JSON the
--       stacktrace (JSON in a text), delay and lifo of a retry, hasAttemptsLeft of a failure, keepCount and keepAge:
--       how many ended jobs to keep, and for how many seconds
-- Returns {codes of the ended jobs (those of `finish`; -12 where a key holds another kind of value), {id, fields, …} of the taken ones, when the next delayed job is due (0: none),
-- for how many milliseconds the rate limit lets no more be taken}

local function details(json)
  return json == '' and {} or cjson.decode(json)
end

local queue, now, limit = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[4])
local worker = details(ARGV[5])
worker.now, worker.token, worker.lockDuration = ARGV[1], ARGV[2], ARGV[3]

local codes = {}
local hasEnded, hasLeft = false, false
for at = 6, #ARGV, 5 do
  local job = details(ARGV[at + 4])
  job.token, job.outcome, job.value = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local isDone, code = pcall(finish, queue, ARGV[at], worker, job, now)
  if not isDone then
    -- One job with a key of another kind must not keep the others from their end.
    code = Code.wrongKind
    pcall(restore, queue, ARGV[at])
  end
  codes[#codes + 1] = code
  hasLeft = hasLeft or code == 0
  hasEnded = hasEnded or (code == 0 and job.outcome ~= Outcome.retry)
end

local jobs, pause, due = {}, 0, nil
if limit > 0 then jobs, pause, due = take(queue, limit, worker, now) end
-- A place that is free now may be another worker's.
if hasLeft and #jobs == 0 and settings(queue).concurrency then wakeAnother(queue) end
if hasEnded and #jobs == 0 and call('EXISTS', queue .. Key.wait, queue .. Key.active, queue .. Key.prioritized) == 0 then
  emit(queue, Event.drained)
end
return { codes, jobs, #jobs < limit * 2 and due or 0, pause }
