-- What is wrong with a child that its parent waits for; nil for nothing. Second and third: its name, and why it failed.
-- What somebody decided its failure should mean is no trouble.
--
-- near  the queue of whoever names it
local function troubleOf(child, near)
  local queue, id = splitJobKey(child, near)
  if not queue then return 'missing-child', '', '' end
  if ask('ZSCORE', queue .. ':failed', id) then
    local parent = short(child, 'parent', 4096)
    local fine, its = false, nil
    if parent then fine, its = pcall(cjson.decode, parent) end
    if fine and type(its) == 'table' and (its.fpof or its.cpof or its.idof or its.rdof) then return nil end
    local reason = short(child, 'failedReason', 65536)
    return 'failed-child', short(child, 'name', 1024) or '', reason and string.sub(reason, 1, 500) or ''
  end
  if ask('ZSCORE', queue .. ':completed', id) then
    return 'completed-still-pending', short(child, 'name', 1024) or '', ''
  end
  if not exists(child) then return 'missing-child', '', '' end
  return nil
end
