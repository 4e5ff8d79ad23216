/**
 * `take_apart`: puts the events of frames that a consumer has in flight into the group's \`again\` stream, one by one, and
 * acknowledges the frames.
 *
 * KEYS  lease, counters of frames, again, source
 * ARGV  group, consumer, token of the lease or nothing, most entries to read, id of the frame, how many events it has, then for
 *       each of those that are not done: count of fields, fields of the new entry
 * Without a token the new entries are there for anybody to read, and it gives whether the frame was the consumer's. With
 * one they are handed to the consumer in the same step, so that nothing comes before them: it gives false where the lease
 * is lost, else { 1, entries }. Where the \`again\` stream has too much in front of them, it gives that, { 0, entries },
 * and has to be called again.
 */
export const TAKE_APART = `
local function read_again(key, group, consumer, count)
  local answer = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count, 'STREAMS', key, '>')
  return answer and answer[1] and answer[1][2] or {}
end

local function take_apart(keys, args)
  local group, consumer, is_ordered, most, id = args[1], args[2], args[3] ~= '', whole_in(args[4]), args[5]
  local size, all, at = whole_in(args[6]), {}, 7
  while at <= #args do
    local count = whole_in(args[at])
    if not count or count < 2 or count > MOST_WORDS or at + count > #args then return bad_arguments('take_apart') end
    all[#all + 1] = { unpack(args, at + 1, at + count) }
    at = at + 1 + count
  end
  if not most or not size or #all > size then return bad_arguments('take_apart') end
  if not holds(keys[1], args[3]) then return false end
  for k, wanted in ipairs({ 'hash', 'hash', 'stream', 'stream' }) do
    local fits, kind = type_is(keys[k], wanted)
    if not fits then return redis.error_reply('WRONGTYPE ' .. keys[k] .. ' holds a ' .. kind) end
  end
  local owners = pending_of(keys[4], group, { id })
  if owners[id] ~= consumer then return is_ordered and { 1, {} } or 0 end
  local before = is_ordered and read_again(keys[3], group, consumer, most) or {}
  if #before == most then return { 0, before } end
  local events = #all
  for _, fields in ipairs(all) do redis.call('XADD', keys[3], '*', unpack(fields)) end
  redis.call('XACK', keys[4], group, id)
  count_settled(keys[2], stream_name(keys[4]), group, size - 1)
  if not is_ordered then return 1 end
  for _, row in ipairs(read_again(keys[3], group, consumer, events)) do before[#before + 1] = row end
  return { 1, before }
end
`;
