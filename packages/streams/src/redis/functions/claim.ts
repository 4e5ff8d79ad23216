/**
 * `claim`: takes over what other consumers left unsettled.
 *
 * KEYS  dead letters, then the sources
 * ARGV  group, consumer, idle ms, most entries, hop
 * About 512 KiB of a source are taken at once.
 * Gives for each source { entries, their delivery counts }, an entry as XRANGE gives it.
 *
 * An entry that was delivered twice already may be what killed its consumers, so it is claimed alone: whatever happens
 * next counts for nobody else. Entries whose payload was trimmed are told of by XAUTOCLAIM once and then gone, so their
 * dead letters are written in the same call.
 */
export const CLAIM = `
local SUSPECT_AFTER = 2

-- How many entries like this one a call may read.
local function fitting(source, id)
  local found = redis.call('XRANGE', source, id, id)
  return found[1] and math.max(1, math.floor(READ_BYTES / size_of(found[1][2]))) or math.huge
end

local function run_length(rows)
  if rows[1][4] >= SUSPECT_AFTER then return 1, true end
  local length = 0
  for _, row in ipairs(rows) do
    if row[4] >= SUSPECT_AFTER then return length, false end
    length = length + 1
  end
  return length, false
end

local function bury_trimmed(dead, source, ids, group, consumer, hop)
  for _, id in ipairs(ids) do
    local now = tostring(now_ms())
    redis.call('XADD', dead, '*', 'hop', hop, 'group', group, 'consumer', consumer, 'stream', stream_name(source),
      'position', id, 'error', 'PayloadTrimmed', 'message', 'the entry was trimmed while it was pending',
      'attempts', '0', 'first', now, 'last', now, 'history', '[]')
  end
end

local function claim_from(source, dead, group, consumer, idle, count, hop)
  local rows = redis.pcall('XPENDING', source, group, 'IDLE', idle, '-', '+', count)
  if rows.err or #rows == 0 then return {}, {}, false end
  local length, alone = run_length(rows)
  length = math.min(length, fitting(source, rows[1][1]))
  local counts = {}
  for _, row in ipairs(rows) do counts[row[1]] = row[4] end
  local claimed = redis.call('XAUTOCLAIM', source, group, consumer, idle, rows[1][1], 'COUNT', length)
  bury_trimmed(dead, source, claimed[3] or {}, group, consumer, hop)
  local delivered = {}
  for n, entry in ipairs(claimed[2]) do delivered[n] = (counts[entry[1]] or 0) + 1 end
  return claimed[2], delivered, alone
end

local function claim(keys, args)
  local fits, kind = type_is(keys[1], 'stream')
  if not fits then return redis.error_reply('WRONGTYPE ' .. keys[1] .. ' holds a ' .. kind) end
  local left, result = tonumber(args[4]), {}
  for k = 2, #keys do
    local entries, delivered, alone = {}, {}, false
    if left > 0 then
      entries, delivered, alone = claim_from(keys[k], keys[1], args[1], args[2], args[3], left, args[5])
      left = left - #entries
    end
    result[k - 1] = { entries, delivered }
  end
  return result
end
`;
