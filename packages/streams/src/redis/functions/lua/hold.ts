/**
 * `renew`: a consumer says that it still has these entries in flight. `release`: it gives them back, uncounted and free to
 * claim at once. `leave`: it goes; a consumer with nothing pending is forgotten, any other is kept.
 *
 * KEYS  the sources
 * ARGV  group, consumer, for \`release\` the idle ms to set, then for each source: count of ids, ids
 * \`renew\` gives the ids that are no longer the consumer's.
 */
export const HOLD = `
-- The ids of each source; nil where they are not what they are said to be.
local function ids_of_each(keys, args, first)
  local all, i = {}, first
  for k = 1, #keys do
    local count, ids = whole_in(args[i]), {}
    if not count or i + count > #args then return nil end
    for n = 1, count do ids[n] = args[i + n] end
    all[k] = ids
    i = i + 1 + count
  end
  return all
end

local function renew(keys, args)
  local group, consumer, lost = args[1], args[2], {}
  local all = ids_of_each(keys, args, 3)
  if not all then return bad_arguments('renew') end
  for k, ids in ipairs(all) do
    local owners = #ids > 0 and pending_of(keys[k], group, ids) or {}
    local ours = {}
    for _, id in ipairs(ids) do
      if owners[id] == consumer then ours[#ours + 1] = id else lost[#lost + 1] = id end
    end
    in_parts(ours, ARGUMENTS, function(some)
      some[#some + 1] = 'JUSTID'
      redis.call('XCLAIM', keys[k], group, consumer, 0, unpack(some))
    end)
  end
  return lost
end

local function release(keys, args)
  local group, consumer, idle = args[1], args[2], whole_in(args[3])
  local all = ids_of_each(keys, args, 4)
  if not (idle and all) then return bad_arguments('release') end
  for k, ids in ipairs(all) do
    local owners, counts = {}, {}
    if #ids > 0 then owners, counts = pending_of(keys[k], group, ids) end
    for _, id in ipairs(ids) do
      if owners[id] == consumer then
        redis.call('XCLAIM', keys[k], group, RELEASED, 0, id, 'IDLE', idle, 'RETRYCOUNT', math.max(0, counts[id] - 1), 'JUSTID')
      end
    end
  end
  return redis.status_reply('OK')
end

local function leave(keys, args)
  for _, key in ipairs(keys) do
    local pending = redis.pcall('XPENDING', key, args[1], '-', '+', 1, args[2])
    if not pending.err and #pending == 0 then redis.call('XGROUP', 'DELCONSUMER', key, args[1], args[2]) end
  end
  return redis.status_reply('OK')
end
`;
