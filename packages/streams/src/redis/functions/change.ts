/**
 * `change`: some fields of a hash, as one version.
 *
 * KEYS  hash, its version, its history, its drafts
 * ARGV  version that the hash has to have; most entries of the history; count of changes of the hash and of
 *       the drafts; then for each change: field, 1 to set it or 0 to delete it, value; then the fields of the record
 * Gives { 1, new version }, or { 0, version } where it is another one and nothing was done.
 */
export const CHANGE = `
local function change_fields(key, args, i, count)
  for _ = 1, count do
    if args[i + 1] == '1' then redis.call('HSET', key, args[i], args[i + 2]) else redis.call('HDEL', key, args[i]) end
    i = i + 3
  end
  return i
end

local function change(keys, args)
  for k, wanted in ipairs({ 'hash', 'string', 'stream', 'hash' }) do
    local fits, kind = type_is(keys[k], wanted)
    if not fits then return redis.error_reply('WRONGTYPE ' .. keys[k] .. ' holds a ' .. kind) end
  end
  local version = tonumber(redis.call('GET', keys[2]) or 0)
  if tonumber(args[1]) ~= version then return { 0, version } end
  local i = change_fields(keys[1], args, 5, tonumber(args[3]))
  i = change_fields(keys[4], args, i, tonumber(args[4]))
  version = redis.call('INCR', keys[2])
  redis.call('XADD', keys[3], 'MAXLEN', '~', args[2], '*', 'version', version, unpack(args, i))
  return { 1, version }
end
`;
