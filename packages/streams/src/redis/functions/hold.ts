/**
 * `renew`: a consumer says that it still has these entries in hand. `release`: it gives them back, uncounted and free to
 * claim at once. `leave`: it goes; a consumer with nothing pending is forgotten, any other is kept.
 *
 * KEYS  the sources
 * ARGV  group, consumer, for \`release\` the idle ms to set, then for each source: count of ids, ids
 * \`renew\` gives the ids that are no longer the consumer's.
 */
export const HOLD = `
local RELEASED = 'released'

local function each_source(keys, args, first, visit)
  local i = first
  for k = 1, #keys do
    local count = tonumber(args[i])
    local ids = {}
    for n = 1, count do ids[n] = args[i + n] end
    i = i + 1 + count
    if count > 0 then visit(keys[k], ids) end
  end
end

local function renew(keys, args)
  local group, consumer, lost = args[1], args[2], {}
  each_source(keys, args, 3, function(key, ids)
    local owners = pending_of(key, group, ids)
    local ours = {}
    for _, id in ipairs(ids) do
      if owners[id] == consumer then ours[#ours + 1] = id else lost[#lost + 1] = id end
    end
    if #ours > 0 then
      ours[#ours + 1] = 'JUSTID'
      redis.call('XCLAIM', key, group, consumer, 0, unpack(ours))
    end
  end)
  return lost
end

local function release(keys, args)
  local group, consumer, idle = args[1], args[2], args[3]
  each_source(keys, args, 4, function(key, ids)
    local owners, counts = pending_of(key, group, ids)
    for _, id in ipairs(ids) do
      if owners[id] == consumer then
        redis.call('XCLAIM', key, group, RELEASED, 0, id, 'IDLE', idle, 'RETRYCOUNT', math.max(0, counts[id] - 1), 'JUSTID')
      end
    end
  end)
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
