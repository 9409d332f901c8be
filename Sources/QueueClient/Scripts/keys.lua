-- Splits a job's key, PREFIX:QUEUE:ID, into its queue and its id; nothing for a text that is none. A prefix may hold
-- colons, a queue's name none, an id may hold them again. (`JobKey` in Swift reads keys by the same grammar.)
--
-- near  a queue that the key may share its prefix with: that of the job that names this one
local function splitJobKey(key, near)
  -- With two colons there is one way.
  local queue, id = string.match(key, '^([^:]+:[^:]+):([^:]+)$')
  if queue then return queue, id end
  local prefix = near and string.match(near, '^.*:')
  if prefix and string.sub(key, 1, #prefix) == prefix then
    local name, rest = string.match(key, '^([^:]+):(.+)$', #prefix + 1)
    if name and redis.call('EXISTS', prefix .. name .. Key.meta) == 1 then return prefix .. name, rest end
    queue, id = name and prefix .. name, rest
  end
  -- Another prefix: a queue is known by its settings. Eight colons are more than any prefix has.
  local colon = string.find(key, ':', 1, true)
  for _ = 1, 8 do
    colon = colon and string.find(key, ':', colon + 1, true)
    if not colon or colon == #key then break end
    local candidate = string.sub(key, 1, colon - 1)
    if redis.call('EXISTS', candidate .. Key.meta) == 1 then return candidate, string.sub(key, colon + 1) end
  end
  if queue then return queue, id end
  queue, id = string.match(key, '^([^:]+:.-[^:]):(repeat:.+:%d+)$')
  if queue then return queue, id end
  return string.match(key, '^(.+:[^:]+):([^:]+)$')
end

