-- Some rows of a job's log, from one of them backwards.
--
-- KEYS  the log
-- ARGV  how many rows there are before the first that is not wanted, or -1 for the newest; how many rows at most; how many
--       bytes of a row, and of all of them, at most
-- Returns how many rows the log has; the place of the first row returned, from 0; the rows, the newest first; the size
-- of each as it is stored.

local before, most, rowLimit, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local total = redis.call('LLEN', KEYS[1])
local first = (before < 0 or before > total) and total or before
local rows, sizes, taken = {}, {}, 0

while first > 0 and #rows < most do
  local chunk = redis.call('LRANGE', KEYS[1], math.max(0, first - 20), first - 1)
  for place = #chunk, 1, -1 do
    local row = string.sub(chunk[place], 1, rowLimit)
    if #rows >= most or (#rows > 0 and taken + #row > limit) then return { total, first, rows, sizes } end
    rows[#rows + 1] = row
    sizes[#sizes + 1] = #chunk[place]
    taken = taken + #row
    first = first - 1
  end
end
return { total, first, rows, sizes }
