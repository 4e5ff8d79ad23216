/**
 * One consumer at a time for a group in a partition.
 *
 * `lease`: takes the lease where it is free or run out, or renews it for its owner. Who does not get it stands by, and
 * of those who do, the one whose process has the fewest partitions of the group is next.
 *   KEYS  lease           ARGV  consumer, ms to hold it, how many partitions of the group its process has
 *   Gives { token, or 0 where another client has it or is next; ms until theirs runs out; how many partitions the process
 *   of who is next has, or -1 }. Every new owner has a higher token, and `settle`, `mark` and `claim_pending` of an older one take
 *   no effect.
 * `yield`: gives it up, or stands by no more.
 *   KEYS  lease           ARGV  consumer
 * `foreign_pending`: whether another consumer has anything pending, which is what earlier owners left, or read late.
 *   KEYS  sources         ARGV  group, consumer
 *   Gives 1 or 0.
 * `claim_pending`: takes over what is pending, the oldest first, whichever source it is in.
 *   KEYS  lease, dead letters, sources      ARGV  group, consumer, token, most entries, hop, then for each source from
 *         where on: nothing for what others have, whoever they are and however long they have it, else an id as XPENDING
 *         takes it, for all that is pending, ours included
 *   About 512 KiB are taken at once. Gives false where the lease is lost, else { for each source: { entries, how often each
 *   was handed out }, for each source from where on it goes on, 1 if there is more }. What lost its payload, or is too
 *   large for any consumer, becomes a dead letter in the same call.
 * `mark`: says how often entries are handed out, this time included, before they are.
 *   KEYS  lease, sources  ARGV  group, consumer, token, then for each entry: source, id, count
 *   Gives 1, or 0 where the lease is lost.
 */
export const LEASE = `
-- As long as the lease of a consumer runs.
local LONGEST_LEASE = 5000

local function lease(keys, args)
  local fits, kind = type_is(keys[1], 'hash')
  if not fits then return redis.error_reply('WRONGTYPE ' .. keys[1] .. ' holds a ' .. kind) end
  local consumer, ms, has, now = args[1], whole_in(args[2]), whole_in(args[3]), now_ms()
  if not (ms and has) or ms > LONGEST_LEASE then return bad_arguments('lease') end
  local state = redis.call('HMGET', keys[1], 'owner', 'token', 'until', 'next', 'next_has', 'next_until')
  local owner, token, ends = state[1], whole_in(state[2], 0), whole_in(state[3], 0)
  local next, next_has, next_ends = state[4], whole_in(state[5], 0), whole_in(state[6], 0)
  -- What is longer than a lease may be was given by a server whose clock was ahead.
  if ends > now + LONGEST_LEASE then
    ends = now + LONGEST_LEASE
    redis.call('HSET', keys[1], 'until', ends)
  end
  if next_ends > now + LONGEST_LEASE then
    next_ends = now + LONGEST_LEASE
    redis.call('HSET', keys[1], 'next_until', next_ends)
  end
  if not next or next == consumer or next_ends <= now then next = nil end
  if owner ~= consumer then
    if ends > now or (next and next_has < has) then
      if not next or has < next_has then
        redis.call('HSET', keys[1], 'next', consumer, 'next_has', has, 'next_until', now + ms)
      end
      return { 0, ends > now and ends - now or ms, -1 }
    end
    -- By the clock, as a primary that takes over may not know the last token that was given.
    token = math.max(token + 1, now)
    if not next then redis.call('HDEL', keys[1], 'next', 'next_has', 'next_until') end
  end
  redis.call('HSET', keys[1], 'owner', consumer, 'token', token, 'until', now + ms)
  return { token, 0, next and next_has or -1 }
end

local function yield(keys, args)
  local state = redis.call('HMGET', keys[1], 'owner', 'next')
  if state[1] == args[1] then redis.call('HSET', keys[1], 'owner', '', 'until', 0) end
  if state[2] == args[1] then redis.call('HDEL', keys[1], 'next', 'next_has', 'next_until') end
  return redis.status_reply('OK')
end

local function others_of(key, group, consumer)
  local others = {}
  local found = redis.pcall('XINFO', 'CONSUMERS', key, group)
  if found.err then return others end
  for _, row in ipairs(found) do
    local of = {}
    for f = 1, #row, 2 do of[row[f]] = row[f + 1] end
    if of.name ~= consumer and of.pending > 0 then others[#others + 1] = of.name end
  end
  return others
end

local function foreign_pending(keys, args)
  for _, key in ipairs(keys) do
    if #others_of(key, args[1], args[2]) > 0 then return 1 end
  end
  return 0
end

local AT_ONCE = 50

-- Ids of a source that are to be claimed: a few, as there may be many sources.
local function pending_rows(source, group, consumer, from)
  if from ~= '' then return redis.call('XPENDING', source, group, from, '+', AT_ONCE) end
  local rows = {}
  for _, other in ipairs(others_of(source, group, consumer)) do
    for _, row in ipairs(redis.call('XPENDING', source, group, '-', '+', AT_ONCE, other)) do rows[#rows + 1] = row end
  end
  return rows
end

-- Where an entry stands among those of all sources: what was put into a group's own stream has the place that it came from.
local function place_of(id, fields)
  local position = id
  for f = 1, fields and #fields or 0, 2 do
    if fields[f] == 'position' then position = fields[f + 1] end
  end
  local ms, seq, index = string.match(position, '^(%d+)%-(%d+)%.?(%d*)$')
  if not ms then return place_of(id) end
  return { tonumber(ms), tonumber(seq), tonumber(index) or 0 }
end

local function is_earlier(a, b)
  for n = 1, 3 do
    if a[n] ~= b[n] then return a[n] < b[n] end
  end
  return false
end

-- Looks at what is next of a source: its place, and of a private stream its payload.
local function look_at_next(line, group, consumer)
  if line.place or line.is_done then return end
  if line.at > #line.rows then
    line.rows, line.at = pending_rows(line.source, group, consumer, line.from), 1
  end
  local row = line.rows[line.at]
  if not row then
    line.is_done = true
  elseif line.is_private then
    local found = redis.call('XRANGE', line.source, row[1], row[1])
    line.place = place_of(row[1], found[1] and found[1][2])
  else
    line.place = place_of(row[1])
  end
end

local function lines_of(keys, args)
  local lines = {}
  for k = 3, #keys do
    lines[k - 2] = {
      source = keys[k], from = args[k + 3], rows = {}, at = 1, entries = {}, counts = {},
      is_private = string.find(stream_name(keys[k]), 'again:', 1, true) == 1,
    }
  end
  return lines
end

local function earliest_of(lines, group, consumer)
  local first
  for _, line in ipairs(lines) do
    look_at_next(line, group, consumer)
    if line.place and (not first or is_earlier(line.place, first.place)) then first = line end
  end
  return first
end

local function claim_pending(keys, args)
  local dead, group, consumer, most = keys[2], args[1], args[2], whole_in(args[4])
  if not most or #args ~= #keys + 3 then return bad_arguments('claim_pending') end
  if not holds(keys[1], args[3]) then return false end
  local fits, kind = type_is(dead, 'stream')
  if not fits then return redis.error_reply('WRONGTYPE ' .. dead .. ' holds a ' .. kind) end
  local lines, taken, bytes = lines_of(keys, args), 0, 0
  local line = earliest_of(lines, group, consumer)
  while line and taken < most do
    local row = line.rows[line.at]
    local entry, size = readable(dead, line.source, row[1], group, consumer, args[5])
    if entry then
      bytes = bytes + size
      if taken > 0 and bytes > READ_BYTES then break end
      redis.call('XCLAIM', line.source, group, consumer, 0, row[1], 'RETRYCOUNT', row[4], 'JUSTID')
      line.entries[#line.entries + 1] = entry
      line.counts[#line.counts + 1] = row[4]
      taken = taken + 1
    end
    if line.from ~= '' then line.from = '(' .. row[1] end
    line.at, line.place = line.at + 1, nil
    line = earliest_of(lines, group, consumer)
  end
  local answers, froms = {}, {}
  for n, of in ipairs(lines) do answers[n], froms[n] = { of.entries, of.counts }, of.from end
  return { answers, froms, line and 1 or 0 }
end

local function mark(keys, args)
  if not holds(keys[1], args[3]) then return 0 end
  for i = 4, #args, 3 do
    local key = whole_in(args[i])
    if not (key and keys[1 + key] and whole_in(args[i + 2])) then return bad_arguments('mark') end
  end
  for i = 4, #args, 3 do
    redis.call('XCLAIM', keys[1 + whole_in(args[i])], args[1], args[2], 0, args[i + 1], 'RETRYCOUNT', args[i + 2], 'JUSTID')
  end
  return 1
end
`;
