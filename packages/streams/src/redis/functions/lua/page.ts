/**
 * `page`: entries of a stream, beside the groups.
 *
 * KEYS  stream
 * ARGV  from, to (as XRANGE and, where the newest come first, XREVRANGE take them), most entries, 1 for the newest first,
 *       most bytes or nothing
 * At most about 512 KiB, or as many bytes if that is less, but for one entry that has more alone. Gives { entries, 1 if there may be more }. Of an entry that
 * is too large for any process it gives how large it is.
 *
 * `first_id`: the id of the first entry of a range, without its payload; false where there is none.
 *
 * KEYS  stream
 * ARGV  from, to and 1 for the newest first, as above; without the latter two from an id to the end
 *
 * `ends`: how long a stream is, how many entries were ever added, ids of its first and its last; nothing for those that are
 * not there. False where there is no stream. XINFO STREAM gives both entries with them, of any size.
 *
 * KEYS  stream
 */
export const PAGE = `
local function first_id(keys, args)
  local found = redis.call(args[3] == '1' and 'XREVRANGE' or 'XRANGE', keys[1], args[1], args[2] or '+', 'COUNT', 1)
  return found[1] and found[1][1] or false
end

local function ends(keys)
  local kind = redis.call('TYPE', keys[1]).ok
  if kind == 'none' then return false end
  local stream = record_of(redis.call('XINFO', 'STREAM', keys[1]))
  local first, last = stream['first-entry'], stream['last-entry']
  return { stream.length, stream['entries-added'] or stream.length, first and first[1] or '', last and last[1] or '' }
end

local function page(keys, args)
  local most = whole_in(args[3])
  if not most then return bad_arguments('page') end
  local command = args[4] == '1' and 'XREVRANGE' or 'XRANGE'
  local rows, more = rows_within(command, keys[1], args[1], args[2], most, math.min(whole_in(args[5]) or READ_BYTES, READ_BYTES))
  for n, row in ipairs(rows) do
    local bytes = size_of(row[2])
    if bytes > MOST_ENTRY then rows[n] = { row[1], { 'bytes', tostring(bytes), 'left out', 'too large to be read' } } end
  end
  return { rows, more and 1 or 0 }
end
`;
