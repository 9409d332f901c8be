-- What a worker says and is told in one breath: which of its jobs have ended, and which are its next.
--
-- KEYS  the queue's base key
-- ARGV  now, the worker's token, the lock's milliseconds, the worker's name or '', max and duration of its rate
--       limit ('' none), how many points of metrics are kept (0 none), how many jobs to take at the most; then eight
--       for each job that ended: id, outcome (completed, failed, retry), value (return value as JSON, or reason),
--       the stacktrace as JSON or '', a retry's delay, how many ended jobs to keep ('' all), their age in seconds
--       ('' any), whether a retry goes to the front (1 or 0)
-- Returns {codes of the ended jobs, {id, fields, …} of the taken ones, when the next delayed job is due (0: none),
-- for how many milliseconds the rate limit lets no more be taken}

local queue, now = KEYS[1], tonumber(ARGV[1])
local worker = {
  now = ARGV[1], token = ARGV[2], lockDuration = ARGV[3], name = ARGV[4], max = tonumber(ARGV[5]), duration = tonumber(ARGV[6]),
}
local points, limit = tonumber(ARGV[7]), tonumber(ARGV[8])

local codes = {}
local hasEnded = false
for at = 9, #ARGV, 8 do
  local code = finish(queue, ARGV[at], worker.token, {
    outcome = ARGV[at + 1], value = ARGV[at + 2], stacktrace = ARGV[at + 3], delay = tonumber(ARGV[at + 4]),
    keepCount = tonumber(ARGV[at + 5]), keepAge = tonumber(ARGV[at + 6]), lifo = ARGV[at + 7] == '1', points = points,
  }, now)
  codes[#codes + 1] = code
  hasEnded = hasEnded or (code == 0 and ARGV[at + 1] ~= 'retry')
end

local jobs, pause = {}, 0
if limit > 0 then jobs, pause = take(queue, limit, worker, now) end
if hasEnded and #jobs == 0 and call('EXISTS', queue .. ':wait', queue .. ':active', queue .. ':prioritized') == 0 then
  emit(queue, 'drained')
end
return { codes, jobs, #jobs < limit * 2 and nextDue(queue) or 0, pause }
