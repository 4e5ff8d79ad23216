/**
 * How many partitions there are. It stands in one hash: `count`, and while it is raised
 * `raise`, `to` and `until`, which is the lease of whoever raises it. A partition's gate is a key of its slot, which
 * `append` looks at: `4` is open for those who count four partitions, `4 <raise>` is closed by that raise.
 *
 * `number`: asks. The number never falls, so who knows a greater one puts it right; a raise whose lease ran out ends.
 *   KEYS  hash, controls  ARGV  the number where none is stored, or 0 to store none; the greatest number that is known
 *   Gives { count, raise in progress or '', its target, raise that ended just now or '', the controls: field, value, … }.
 * `gate`: sets a gate.
 *   KEYS  gate            ARGV  what it has to be, or nothing where there is none yet; what it becomes
 *   Gives 1, or 0 where it is something else.
 */
export const PARTITIONS = `
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

local function gate(keys, args)
  if (redis.call('GET', keys[1]) or '') ~= args[1] then return 0 end
  redis.call('SET', keys[1], args[2])
  return 1
end
`;
