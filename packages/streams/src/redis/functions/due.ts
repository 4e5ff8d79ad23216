/**
 * `due`: moves parked deliveries whose time has come to the group's \`again\` stream.
 *
 * KEYS  parked (due times), parked (payloads), again
 * ARGV  most deliveries to move
 * Gives { moved, ms until the next one or -1 }.
 */
export const DUE = `
local function due(keys, args)
  for k, wanted in ipairs({ 'zset', 'hash', 'stream' }) do
    local fits, kind = type_is(keys[k], wanted)
    if not fits then return redis.error_reply('WRONGTYPE ' .. keys[k] .. ' holds a ' .. kind) end
  end
  local names = redis.call('ZRANGEBYSCORE', keys[1], '-inf', now_ms(), 'LIMIT', 0, args[1])
  local moved = 0
  for _, name in ipairs(names) do
    local payload = redis.call('HGET', keys[2], name)
    if redis.call('ZREM', keys[1], name) == 1 and payload then
      redis.call('XADD', keys[3], '*', unpack(cjson.decode(payload)))
      redis.call('HDEL', keys[2], name)
      moved = moved + 1
    end
  end
  return { moved, ms_to_next(keys[1]) }
end
`;
