/**
 * What has to be written for Redis to be emptied, and is small: plain commands for it are refused when Redis is full.
 *
 * `join`: makes a group at the start of a stream, and the stream with it.
 *   KEYS  stream, counters of frames  ARGV  group
 *   Gives 1, or 0 where it was there.
 * `put`: sets fields of a hash.
 *   KEYS  hash                        ARGV  field, value, …
 * `enlist`: adds to a set.
 *   KEYS  set                         ARGV  members
 * `log`: adds a record to a stream that keeps the newest.
 *   KEYS  stream                      ARGV  how many it keeps, about; field, value, …
 * `publish`: sets a text that is forgotten after a time.
 *   KEYS  string                      ARGV  text, ms
 */
export const KEEP = `
local function join(keys, args)
  for k, wanted in ipairs({ 'stream', 'hash' }) do
    local fits, kind = type_is(keys[k], wanted)
    if not fits then return redis.error_reply('WRONGTYPE ' .. keys[k] .. ' holds a ' .. kind) end
  end
  local made = redis.pcall('XGROUP', 'CREATE', keys[1], args[1], '0', 'MKSTREAM')
  if made.err and string.find(made.err, 'BUSYGROUP', 1, true) then return 0 end
  if made.err then return made end
  -- What an earlier group of this name had settled, this one has not.
  redis.call('HDEL', keys[2], 'settled ' .. stream_name(keys[1]) .. ' ' .. args[1])
  return 1
end

local function put(keys, args)
  if #args == 0 or #args % 2 ~= 0 then return bad_arguments('put') end
  in_parts(args, ARGUMENTS, function(some) redis.call('HSET', keys[1], unpack(some)) end)
  return redis.status_reply('OK')
end

local function enlist(keys, args)
  in_parts(args, ARGUMENTS, function(some) redis.call('SADD', keys[1], unpack(some)) end)
  return redis.status_reply('OK')
end

local function log(keys, args)
  if not whole_in(args[1]) or #args < 3 or #args % 2 == 0 or #args > MOST_WORDS then return bad_arguments('log') end
  return redis.call('XADD', keys[1], 'MAXLEN', '~', args[1], '*', unpack(args, 2))
end

local function publish(keys, args)
  local ms = whole_in(args[2])
  if not ms or ms < 1 then return bad_arguments('publish') end
  return redis.call('SET', keys[1], args[1], 'PX', ms)
end
`;
