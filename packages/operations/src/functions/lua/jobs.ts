/**
 * `lock`: makes somebody the one who has a lock, for a time, or gives who has it that time again.
 *
 * KEYS  lock
 * ARGV  owner, ms
 * Gives 1, or 0 where another client has it. One that would run for longer than that was given by a server whose clock was
 * ahead, and is cut short.
 *
 * `unlock`: gives a lock up, where it is the owner's.
 *
 * KEYS  lock
 * ARGV  owner
 * Gives 1, or 0 where it is another's, or nobody's.
 *
 * `swap`: a field of a hash, where it is what is expected.
 *
 * KEYS  hash
 * ARGV  field, its new value, then the values that it may have
 * Gives 1, or 0 where it has another one.
 */
export const JOBS = `
local function lock(keys, args)
  local ms = whole_in(args[2])
  if not ms or ms < 1 then return bad_arguments('lock') end
  local fits, kind = type_is(keys[1], 'string')
  if not fits then return redis.error_reply('WRONGTYPE ' .. keys[1] .. ' holds a ' .. kind) end
  local owner = redis.call('GET', keys[1])
  if owner and owner ~= args[1] then
    local left = redis.call('PTTL', keys[1])
    if left < 0 or left > ms then redis.call('PEXPIRE', keys[1], ms) end
    return 0
  end
  redis.call('SET', keys[1], args[1], 'PX', ms)
  return 1
end

local function unlock(keys, args)
  local fits, kind = type_is(keys[1], 'string')
  if not fits then return redis.error_reply('WRONGTYPE ' .. keys[1] .. ' holds a ' .. kind) end
  if redis.call('GET', keys[1]) ~= args[1] then return 0 end
  return redis.call('UNLINK', keys[1])
end

local function swap(keys, args)
  local value = redis.call('HGET', keys[1], args[1])
  for i = 3, #args do
    if value == args[i] then
      redis.call('HSET', keys[1], args[1], args[2])
      return 1
    end
  end
  return 0
end
`;
