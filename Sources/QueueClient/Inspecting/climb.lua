-- Climbs from jobs to the roots of their flows.
--
-- KEYS  the jobs' keys, some dozens
-- Returns for each the root's queue's base key and its id, both empty for a job that is a root itself; then 1 where the
-- root has, or had, children.

local roots = {}
for number, key in ipairs(KEYS) do
  local root, queue, id = climb(key)
  if root == key then queue, id = '', '' end
  roots[number] = { queue, id, isParent(root) and 1 or 0 }
end
return roots
