/**
 * `record`: what became of deliveries, kept by event.
 *
 * KEYS  state, the two generations
 * ARGV  most events of a generation, its most bytes, longest text of an event, age of a generation in ms, then for each:
 *       digest, line
 *
 * New lines go to the younger of two hashes (digest → lines); when that has so many events, or bytes, the older one is dropped and becomes the
 * younger. An event whose lines are in the older one takes them along. Of an event with too many the oldest lines go.
 */
export const RECORD = `
local function record(keys, args)
  local most, room = whole_in(args[1]), whole_in(args[2])
  local longest, age = whole_in(args[3]), whole_in(args[4])
  if not (most and room and longest and age) or #args % 2 == 1 then return bad_arguments('record') end
  for _, key in ipairs(keys) do
    local fits, kind = type_is(key, 'hash')
    if not fits then return redis.error_reply('WRONGTYPE ' .. key .. ' holds a ' .. kind) end
  end
  local young = redis.call('HGET', keys[1], 'young') == '3' and 3 or 2
  local bytes = whole_in(redis.call('HGET', keys[1], 'bytes'), 0)
  for i = 5, #args, 2 do
    local digest, line = args[i], args[i + 1]
    local lines = redis.call('HGET', keys[young], digest)
    local before = lines and #lines or 0
    if not lines and (redis.call('HLEN', keys[young]) >= most or bytes >= room) then
      young = 5 - young
      redis.call('UNLINK', keys[young])
      redis.call('HSET', keys[1], 'young', young)
      bytes = 0
    end
    lines = lines or redis.call('HGET', keys[5 - young], digest)
    lines = lines and (lines .. '\\n' .. line) or line
    while #lines > longest and string.find(lines, '\\n', 1, true) do
      lines = string.sub(lines, string.find(lines, '\\n', 1, true) + 1)
    end
    bytes = math.max(0, bytes + #lines - before)
    redis.call('HSET', keys[young], digest, lines)
    redis.call('PEXPIRE', keys[young], age)
  end
  redis.call('HSET', keys[1], 'bytes', bytes)
  return redis.status_reply('OK')
end
`;
