/**
 * How many partitions there are, and how that number is raised. It stands in one hash: `count`, and while it is raised
 * `raise`, `to` and `until`, which is the lease of whoever raises it. A partition's gate is a key of its slot, which
 * `append` looks at: `4` is open for those who count four partitions, `4 <raise>` is closed by that raise.
 *
 * `number`: asks. The number never falls, so who knows a greater one puts it right; a raise whose lease ran out ends.
 *   KEYS  hash, controls  ARGV  the number where none is stored, or 0 to store none; the greatest number that is known
 *   Gives { count, raise under way or '', its target, raise that ended just now or '', the controls: field, value, … }.
 * `raise`: begins a raise, or renews its lease.
 *   KEYS  hash            ARGV  raise, target, ms of the lease, 1 to begin
 *   Gives { 1, count }, or { 0, count } where another one is under way, or this one is not any more.
 * `raised`: ends a raise. This alone decides: gates that are still closed by then follow the number.
 *   KEYS  hash            ARGV  raise, 1 where its target is the number from now on
 *   Gives 1, or 0 where it was not under way any more.
 * `gate`: sets a gate.
 *   KEYS  gate            ARGV  what it has to be, or nothing where there is none yet; what it becomes
 *   Gives 1, or 0 where it is something else.
 */
export const PARTITIONS = `
local function raise_of(key)
  local state = redis.call('HMGET', key, 'raise', 'to', 'until')
  if not state[1] then return '', 0, '' end
  if tonumber(state[3]) > now_ms() then return state[1], tonumber(state[2]), '' end
  redis.call('HDEL', key, 'raise', 'to', 'until')
  return '', 0, state[1]
end

local function number(keys, args)
  local fits, kind = type_is(keys[1], 'hash')
  if not fits then return redis.error_reply('WRONGTYPE ' .. keys[1] .. ' holds a ' .. kind) end
  local stored = tonumber(redis.call('HGET', keys[1], 'count') or 0)
  local count = math.max(stored > 0 and stored or tonumber(args[1]), tonumber(args[2]))
  if count ~= stored then redis.call('HSET', keys[1], 'count', count) end
  local raise, to, ended = raise_of(keys[1])
  return { count, raise, to, ended, redis.call('HGETALL', keys[2]) }
end

local function raise(keys, args)
  local under_way = raise_of(keys[1])
  local count = tonumber(redis.call('HGET', keys[1], 'count') or 0)
  local begins = args[4] == '1' and under_way == '' and tonumber(args[2]) > count
  if under_way ~= args[1] and not begins then return { 0, count } end
  redis.call('HSET', keys[1], 'raise', args[1], 'to', args[2], 'until', now_ms() + tonumber(args[3]))
  return { 1, count }
end

local function raised(keys, args)
  local under_way, to = raise_of(keys[1])
  if under_way ~= args[1] then return 0 end
  if args[2] == '1' then redis.call('HSET', keys[1], 'count', to) end
  redis.call('HDEL', keys[1], 'raise', 'to', 'until')
  return 1
end

local function gate(keys, args)
  if (redis.call('GET', keys[1]) or '') ~= args[1] then return 0 end
  redis.call('SET', keys[1], args[2])
  return 1
end
`;
