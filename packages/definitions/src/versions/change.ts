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
  -- What is no number there is no version: the next change is the first.
  local version = whole_in(redis.call('GET', keys[2]), 0)
  local expected, changes, drafts = whole_in(args[1]), whole_in(args[3]), whole_in(args[4])
  if not (expected and whole_in(args[2]) and changes and drafts) or #args - 4 - 3 * (changes + drafts) > MOST_WORDS then
    return bad_arguments('change')
  end
  if expected ~= version then return { 0, version } end
  local i = change_fields(keys[1], args, 5, changes)
  i = change_fields(keys[4], args, i, drafts)
  version = version + 1
  redis.call('SET', keys[2], version)
  redis.call('XADD', keys[3], 'MAXLEN', '~', args[2], '*', 'version', version, unpack(args, i))
  return { 1, version }
end
`;
