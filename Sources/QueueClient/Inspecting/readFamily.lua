-- The children of a job that has few.
--
-- KEYS  the parent's key
-- ARGV  how many children are few; the longest value that is returned
-- Returns the counts (processed, unprocessed, ignored, failed); where these are few also the children of each kind in
-- that order, and the values of the processed ones, an empty text for one that is long; then the keys that could not be
-- read.

local parent = KEYS[1]
local few, valueLimit = tonumber(ARGV[1]), tonumber(ARGV[2])
local counts = {
  ask('HLEN', parent .. Beside.processed) or 0, ask('SCARD', parent .. Beside.dependencies) or 0,
  ask('HLEN', parent .. Beside.failed) or 0, ask('ZCARD', parent .. Beside.unsuccessful) or 0,
}
if counts[1] + counts[2] + counts[3] + counts[4] > few then return { counts, {}, {}, notes() } end

local processed = ask('HKEYS', parent .. Beside.processed) or {}
local values = {}
for place, child in ipairs(processed) do
  values[place] = short(parent .. Beside.processed, child, valueLimit) or ''
end
local children = {
  processed, ask('SMEMBERS', parent .. Beside.dependencies) or {}, ask('HKEYS', parent .. Beside.failed) or {},
  ask('ZRANGE', parent .. Beside.unsuccessful, 0, -1) or {},
}
return { counts, children, values, notes() }
