/**
 * `retire`: forgets a consumer that is gone, after what it has pending was handed over for anybody to claim.
 *
 * KEYS  lease, source
 * ARGV  group, consumer, ms it must have been idle, most entries to hand over
 * Gives { 1 if it is forgotten, entries handed over }. One that was heard of meanwhile, or that has the lease, stays.
 */
export const RETIRE = `
local function retire(keys, args)
  local group, consumer, idle, most = args[1], args[2], whole_in(args[3]), whole_in(args[4])
  if not (idle and most) then return bad_arguments('retire') end
  local state = redis.call('HMGET', keys[1], 'owner', 'until')
  if state[1] == consumer and whole_in(state[2], 0) > now_ms() then return { 0, 0 } end
  for _, row in ipairs(redis.call('XINFO', 'CONSUMERS', keys[2], group)) do
    local of = {}
    for f = 1, #row, 2 do of[row[f]] = row[f + 1] end
    if of.name == consumer and of.idle >= idle then
      local rows = redis.call('XPENDING', keys[2], group, '-', '+', most, consumer)
      for _, entry in ipairs(rows) do
        redis.call('XCLAIM', keys[2], group, RELEASED, 0, entry[1], 'IDLE', idle, 'RETRYCOUNT', entry[4], 'JUSTID')
      end
      if of.pending > #rows then return { 0, #rows } end
      redis.call('XGROUP', 'DELCONSUMER', keys[2], group, consumer)
      return { 1, #rows }
    end
  end
  return { 0, 0 }
end
`;
