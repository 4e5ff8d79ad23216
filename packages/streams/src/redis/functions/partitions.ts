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
local LONGEST_RAISE = 5000
local MOST_STORED = 100000

-- What is no number of partitions is none.
local function stored_count(key)
  local count = whole_in(redis.call('HGET', key, 'count'), 0)
  return count <= MOST_STORED and count or 0
end

local function raise_of(key)
  local state = redis.call('HMGET', key, 'raise', 'to', 'until')
  if not state[1] then return '', 0, '' end
  local now, to, ends = now_ms(), whole_in(state[2]), whole_in(state[3], 0)
  -- A lease that is longer than any was given by a server whose clock was ahead.
  if ends > now + LONGEST_RAISE then
    ends = now + LONGEST_RAISE
    redis.call('HSET', key, 'until', ends)
  end
  if to and ends > now then return state[1], to, '' end
  redis.call('HDEL', key, 'raise', 'to', 'until')
  return '', 0, state[1]
end

local function number(keys, args)
  for _, key in ipairs(keys) do
    local fits, kind = type_is(key, 'hash')
    if not fits then return redis.error_reply('WRONGTYPE ' .. key .. ' holds a ' .. kind) end
  end
  local least, known = whole_in(args[1]), whole_in(args[2])
  if not (least and known) then return bad_arguments('number') end
  local stored = stored_count(keys[1])
  local count = math.max(stored > 0 and stored or least, known)
  if count ~= stored then redis.call('HSET', keys[1], 'count', count) end
  local raise, to, ended = raise_of(keys[1])
  return { count, raise, to, ended, redis.call('HGETALL', keys[2]) }
end

local function raise(keys, args)
  local under_way = raise_of(keys[1])
  local count, to, ms = stored_count(keys[1]), whole_in(args[2]), whole_in(args[3])
  if not (to and ms and ms <= LONGEST_RAISE) then return bad_arguments('raise') end
  local begins = args[4] == '1' and under_way == '' and to > count
  if under_way ~= args[1] and not begins then return { 0, count } end
  redis.call('HSET', keys[1], 'raise', args[1], 'to', to, 'until', now_ms() + ms)
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
