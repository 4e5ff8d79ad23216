/**
 * `claim`: takes over what other consumers left unsettled.
 *
 * KEYS  dead letters, then the sources
 * ARGV  group, consumer, idle ms, most entries, hop
 * About 512 KiB are taken at once, of all sources.
 * Gives for each source { entries, their delivery counts }, an entry as XRANGE gives it.
 *
 * An entry that was delivered twice already may be what killed its consumers, so it is claimed alone: whatever happens
 * next counts for no other consumer. Entries whose payload was trimmed, and those that are too large for any consumer, become
 * dead letters in the same call.
 *
 * `disown`: hands over what a consumer has pending for anybody to claim at once, uncounted: an answer that it never got.
 *
 * KEYS  the sources
 * ARGV  group, consumer, ms of idleness to set, most entries
 * Gives how many there were.
 */
export const CLAIM = `
local SUSPECT_AFTER = 2

local function run_length(rows)
  if rows[1][4] >= SUSPECT_AFTER then return 1 end
  local length = 0
  for _, row in ipairs(rows) do
    if row[4] >= SUSPECT_AFTER then return length end
    length = length + 1
  end
  return length
end

local function dead_letter_unread(dead, source, id, why, group, consumer, hop)
  local now = string.format('%.0f', now_ms())
  redis.call('XADD', dead, '*', 'hop', hop, 'group', group, 'consumer', consumer, 'stream', stream_name(source),
    'position', id, 'error', why.error, 'message', why.message,
    'attempts', '0', 'first', now, 'last', now, 'history', '[]')
  redis.call('XACK', source, group, id)
end

local TRIMMED = { error = 'PayloadTrimmed', message = 'the entry was trimmed while it was pending' }

-- A pending entry that may be handed out; nil where it became a dead letter.
local function readable(dead, source, id, group, consumer, hop)
  local found = redis.call('XRANGE', source, id, id)
  if #found == 0 then return dead_letter_unread(dead, source, id, TRIMMED, group, consumer, hop) end
  local bytes = size_of(found[1][2])
  if bytes <= MOST_ENTRY then return found[1], bytes end
  dead_letter_unread(dead, source, id, {
    error = 'EntryTooLarge',
    message = 'the entry has ' .. bytes .. ' bytes, the most is ' .. MOST_ENTRY .. '; it is where it was, in its stream',
  }, group, consumer, hop)
end

local function claim_from(source, dead, group, consumer, idle, count, hop, room)
  local entries, delivered = {}, {}
  local rows = redis.pcall('XPENDING', source, group, 'IDLE', idle, '-', '+', count)
  if rows.err or #rows == 0 then return entries, delivered, room end
  for n = 1, run_length(rows) do
    local id, counted = rows[n][1], rows[n][4] + 1
    local entry, bytes = readable(dead, source, id, group, consumer, hop)
    if entry then
      if room < READ_BYTES and bytes > room then return entries, delivered, 0 end
      room = room - bytes
      redis.call('XCLAIM', source, group, consumer, 0, id, 'RETRYCOUNT', counted, 'JUSTID')
      entries[#entries + 1] = entry
      delivered[#delivered + 1] = counted
    end
  end
  return entries, delivered, room
end

local function claim(keys, args)
  local fits, kind = type_is(keys[1], 'stream')
  if not fits then return redis.error_reply('WRONGTYPE ' .. keys[1] .. ' holds a ' .. kind) end
  local idle, left, room, result = whole_in(args[3]), whole_in(args[4]), READ_BYTES, {}
  if not (idle and left) then return bad_arguments('claim') end
  for k = 2, #keys do
    local entries, delivered = {}, {}
    if left > 0 and room > 0 then
      entries, delivered, room = claim_from(keys[k], keys[1], args[1], args[2], idle, left, args[5], room)
      left = left - #entries
    end
    result[k - 1] = { entries, delivered }
  end
  return result
end

local function disown(keys, args)
  local group, consumer, idle, left, handed = args[1], args[2], whole_in(args[3]), whole_in(args[4]), 0
  if not (idle and left) then return bad_arguments('disown') end
  for _, key in ipairs(keys) do
    local rows = left > handed and redis.pcall('XPENDING', key, group, '-', '+', left - handed, consumer) or {}
    for _, row in ipairs(rows.err and {} or rows) do
      redis.call('XCLAIM', key, group, RELEASED, 0, row[1], 'IDLE', idle, 'RETRYCOUNT', math.max(0, row[4] - 1), 'JUSTID')
      handed = handed + 1
    end
  end
  return handed
end
`;
