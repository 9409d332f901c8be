-- What a worker says and is told in one breath: which of its jobs have ended, and which are its next.
--
-- KEYS  the queue's base key
-- ARGV  now, the token for the locks of the jobs taken, the locks' milliseconds, how many jobs to take at the most, what
--       else there is to know of the worker: '', or as JSON its name, max and duration of its rate limit, points: how
--       many points of metrics are kept, looksFirst: whether to see first that all keys are of their kinds. Then five
--       for each job that ended: id, token of its lock, outcome (completed, failed, retry), value (return value as JSON,
--       or reason), and what else there is to know: '', or as JSON the stacktrace (JSON in a text), isRetold: whether it
--       was told before, delay and lifo of a retry, hasAttemptsLeft of a failure, keepCount and keepAge: how many ended
--       jobs to keep, and for how many seconds
-- Returns {codes of the ended jobs (those of `finish`; -12 where a key of the job or of its parent holds another kind of
-- value, -15 where something else is wrong with it), {id, fields, …} of the taken ones, when the next delayed job is due
-- (0: none), for how many milliseconds the rate limit lets no more be taken, a key of another kind that was done without
-- ('': none)}; an error that begins with WRONGTYPE and names the key where one of the queue's own keeps jobs from their
-- ends, or with the server's word where it takes no change: they are still the worker's.

local function details(json)
  return json == '' and {} or cjson.decode(json)
end

local queue, now, limit = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[4])
local worker = details(ARGV[5])
worker.now, worker.token, worker.lockDuration = ARGV[1], ARGV[2], ARGV[3]

local codes, problem = {}, nil
local hasEnded, hasLeft = false, false
for at = 6, #ARGV, 5 do
  local job = details(ARGV[at + 4])
  job.token, job.outcome, job.value = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  -- Whoever mended the list of active jobs may have emptied it.
  if job.isRetold and call('GET', queue .. ':' .. ARGV[at] .. Beside.lock) == job.token then
    pcall(restore, queue, ARGV[at], job.token, worker.lockDuration)
  end
  local isDone, code = pcall(finish, queue, ARGV[at], worker, job, now)
  if not isDone then
    -- One job with a key of another kind must not keep the others from their end; one of the queue's own keeps all, and
    -- so does a server that takes no change.
    problem = problem or refusal(code) or misfit(queue)
    code = codeOf(code)
    pcall(restore, queue, ARGV[at], problem and job.token, worker.lockDuration)
  end
  codes[#codes + 1] = code
  hasLeft = hasLeft or code == 0
  hasEnded = hasEnded or (code == 0 and job.outcome ~= Outcome.retry)
end
-- No job is taken that could not be ended.
problem = problem or (worker.looksFirst and misfit(queue))
if problem then return redis.error_reply(problem) end

local jobs, pause, due = {}, 0, nil
if limit > 0 then
  local isDone, taken, left, nextOne = pcall(take, queue, limit, worker, now)
  if not isDone then
    problem = refusal(taken) or misfit(queue)
    if problem then return redis.error_reply(problem) end
    error(taken)
  end
  jobs, pause, due = taken, left, nextOne
end
-- A place that is free now may be another worker's.
if hasLeft and #jobs == 0 and settings(queue).concurrency then wakeAnother(queue) end
if hasEnded and #jobs == 0 and call('EXISTS', queue .. Key.wait, queue .. Key.active, queue .. Key.prioritized) == 0 then
  emit(queue, Event.drained)
end
return { codes, jobs, #jobs < limit * 2 and due or 0, pause, odd or '' }
