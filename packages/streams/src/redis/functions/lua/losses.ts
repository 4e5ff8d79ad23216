/**
 * Records of what went though a group had not settled it: one a range; a range that goes on where the last one ended replaces
 * its record.
 */
export const LOSSES = `
local RECORDS = 10000

local function is_older(id, oldest)
  return oldest >= 0 and tonumber((id_parts(id))) < oldest
end

local function record_loss(records, key, loss)
  local name = string.match(key, '}:(.*)$') or key
  local from, count = loss.from, loss.count
  for _, row in ipairs(redis.call('XREVRANGE', records, '+', '-', 'COUNT', 20)) do
    local of = {}
    for f = 1, #row[2], 2 do of[row[2][f]] = row[2][f + 1] end
    if of.stream == name and of.group == loss.group and of.next == from then
      from, count = of.from, count + whole_in(of.count, 0)
      redis.call('XDEL', records, row[1])
      break
    end
  end
  redis.call('XADD', records, 'MAXLEN', '~', RECORDS, '*', 'stream', name, 'group', loss.group, 'from', from,
    'to', loss.to, 'count', count, 'next', loss.next)
end
`;
