/**
 * One consumer at a time for a group in a partition.
 *
 * `lease`: takes the lease where it is free or run out, or renews it for its owner. Who does not get it stands by, and
 * of those who do, the one whose process has the fewest partitions of the group is next.
 *   KEYS  lease           ARGV  consumer, ms to hold it, how many partitions of the group its process has
 *   Gives { token, or 0 where somebody else has it or is next; ms until theirs runs out; how many partitions the process
 *   of who is next has, or -1 }. Every new owner has a higher token, and `settle`, `mark` and `adopt` of an older one take
 *   no effect.
 * `yield`: gives it up, or stands by no more.
 *   KEYS  lease           ARGV  consumer
 * `strangers`: whether another consumer has anything pending, which is what earlier owners left, or read late.
 *   KEYS  sources         ARGV  group, consumer
 *   Gives 1 or 0.
 * `adopt`: takes over what is pending: of other consumers, whoever they are and however long they have it, or all.
 *   KEYS  lease, dead letters, source       ARGV  group, consumer, token, most entries, hop, from: nothing for what
 *         others have, else the id to start at, for a page of all that is pending, ours included
 *   Gives false where the lease is lost, else { entries, how often each was handed out, last id that was looked at }.
 *   What lost its payload becomes a dead letter in the same call.
 * `mark`: says how often entries are handed out, this time included, before they are.
 *   KEYS  lease, sources  ARGV  group, consumer, token, then for each entry: source, id, count
 *   Gives 1, or 0 where the lease is lost.
 */
export const LEASE = `
local function lease(keys, args)
  local fits, kind = type_is(keys[1], 'hash')
  if not fits then return redis.error_reply('WRONGTYPE ' .. keys[1] .. ' holds a ' .. kind) end
  local consumer, ms, has, now = args[1], tonumber(args[2]), tonumber(args[3]), now_ms()
  local state = redis.call('HMGET', keys[1], 'owner', 'token', 'until', 'next', 'next_has', 'next_until')
  local owner, token, ends = state[1], tonumber(state[2] or 0), tonumber(state[3] or 0)
  local next, next_has = state[4], tonumber(state[5] or 0)
  if not next or next == consumer or tonumber(state[6]) <= now then next = nil end
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

local function strangers(keys, args)
  for _, key in ipairs(keys) do
    if #others_of(key, args[1], args[2]) > 0 then return 1 end
  end
  return 0
end

local function pending_rows(source, group, consumer, count, from)
  if from ~= '' then return redis.call('XPENDING', source, group, from, '+', count) end
  local rows = {}
  for _, other in ipairs(others_of(source, group, consumer)) do
    for _, row in ipairs(redis.call('XPENDING', source, group, '-', '+', count, other)) do rows[#rows + 1] = row end
  end
  return rows
end

local function adopt(keys, args)
  local dead, source, group, consumer = keys[2], keys[3], args[1], args[2]
  if not holds(keys[1], args[3]) then return false end
  local fits, kind = type_is(dead, 'stream')
  if not fits then return redis.error_reply('WRONGTYPE ' .. dead .. ' holds a ' .. kind) end
  local entries, counts, last, bytes = {}, {}, '', 0
  for _, row in ipairs(pending_rows(source, group, consumer, tonumber(args[4]), args[6])) do
    last = row[1]
    local found = redis.call('XRANGE', source, last, last)
    if #found == 1 then
      bytes = bytes + size_of(found[1][2])
      redis.call('XCLAIM', source, group, consumer, 0, last, 'RETRYCOUNT', row[4], 'JUSTID')
      entries[#entries + 1] = found[1]
      counts[#counts + 1] = row[4]
    else
      bury_trimmed(dead, source, { last }, group, consumer, args[5])
      redis.call('XACK', source, group, last)
    end
    if bytes > READ_BYTES then break end
  end
  return { entries, counts, last }
end

local function mark(keys, args)
  if not holds(keys[1], args[3]) then return 0 end
  for i = 4, #args, 3 do
    redis.call('XCLAIM', keys[1 + tonumber(args[i])], args[1], args[2], 0, args[i + 1], 'RETRYCOUNT', args[i + 2], 'JUSTID')
  end
  return 1
end
`;
