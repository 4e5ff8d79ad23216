/**
 * `due`: moves parked deliveries whose time has come to the group's \`again\` stream.
 *
 * KEYS  parked (due times), parked (payloads), again
 * ARGV  most deliveries to move, longest that any of them may have to wait, in ms
 * About 512 KiB are moved at once. Gives { moved, ms until the next one or -1 }.
 *
 * What is due later than a delivery may have to wait was parked by a server whose clock was ahead: it is due now. What is no
 * payload of ours goes on as it is, for its reader to make a dead letter of it: what cannot be moved would be in the way of all.
 */
export const DUE = `
local function due(keys, args)
  for k, wanted in ipairs({ 'zset', 'hash', 'stream' }) do
    local fits, kind = type_is(keys[k], wanted)
    if not fits then return redis.error_reply('WRONGTYPE ' .. keys[k] .. ' holds a ' .. kind) end
  end
  local most, longest, now = whole_in(args[1]), whole_in(args[2]), now_ms()
  if not (most and longest) then return bad_arguments('due') end
  local names = redis.call('ZRANGEBYSCORE', keys[1], '-inf', now, 'LIMIT', 0, most)
  if #names == 0 then names = redis.call('ZRANGEBYSCORE', keys[1], now + longest + 1000, '+inf', 'LIMIT', 0, most) end
  local moved, bytes = 0, 0
  for _, name in ipairs(names) do
    bytes = bytes + redis.call('HSTRLEN', keys[2], name)
    if moved > 0 and bytes > READ_BYTES then return { moved, 0 } end
    redis.call('XADD', keys[3], '*', unpack(parked_fields(name, redis.call('HGET', keys[2], name))))
    redis.call('ZREM', keys[1], name)
    redis.call('HDEL', keys[2], name)
    moved = moved + 1
  end
  return { moved, #names == most and 0 or ms_to_next(keys[1], longest) }
end
`;
