-- Says which jobs have or had children.
--
-- KEYS  the jobs' keys, some hundreds at most
-- Returns their places in KEYS, from 0.

local families = {}
for _, key in ipairs(KEYS) do
  local last = #families
  families[last + 1] = key .. Beside.processed
  families[last + 2] = key .. Beside.dependencies
  families[last + 3] = key .. Beside.failed
  families[last + 4] = key .. Beside.unsuccessful
end
-- Children mostly have none of their own, and are asked about together.
if call('EXISTS', unpack(families)) == 0 then return {} end

local parents = {}
for place = 0, #KEYS - 1 do
  if call('EXISTS', unpack(families, place * 4 + 1, place * 4 + 4)) > 0 then parents[#parents + 1] = place end
end
return parents
