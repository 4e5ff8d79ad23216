/**
 * `shorten`: gives up the oldest dead letters of a group that are beyond their bounds.
 *
 * KEYS  records of forced loss, dead letters
 * ARGV  group, most to give up, greatest count or 0, longest age in ms or 0, bytes that are too many
 * About 512 KiB are looked at in one call. Gives { how many went, their bytes, 1 if there are more, ids of the first and the
 * last of them }. Each range is on record, as what \`trim\` forces is.
 *
 * `give_up`: makes dead letters of deliveries that are scheduled for another attempt.
 *
 * KEYS  parked (due times), parked (payloads), dead letters
 * ARGV  group, hop, message, then their names
 * About 512 KiB are moved in one call. Gives { how many went, how many names were done with }: one that is not there any more
 * came due meanwhile.
 */
export const BOUND = `
local function shorten(keys, args)
  for _, key in ipairs(keys) do
    local fits, kind = type_is(key, 'stream')
    if not fits then return redis.error_reply('WRONGTYPE ' .. key .. ' holds a ' .. kind) end
  end
  local most, longest, age, beyond = whole_in(args[2]), whole_in(args[3]), whole_in(args[4]), whole_in(args[5])
  if not (most and longest and age and beyond) or most < 1 then return bad_arguments('shorten') end
  local oldest = age > 0 and now_ms() - age or -1
  local excess = longest > 0 and redis.call('XLEN', keys[2]) - longest or 0
  if excess <= 0 and beyond == 0 then
    local first = oldest >= 0 and redis.call('XRANGE', keys[2], '-', '+', 'COUNT', 1)[1]
    if not first or not is_older(first[1], oldest) then return { 0, 0, 0, '', '' } end
  end
  local rows = rows_within('XRANGE', keys[2], '-', '+', most, READ_BYTES)
  local count, bytes = 0, 0
  while count < #rows do
    local row = rows[count + 1]
    if count >= excess and bytes >= beyond and not is_older(row[1], oldest) then break end
    count = count + 1
    bytes = bytes + size_of(row[2])
  end
  if count == 0 then return { 0, 0, 0, '', '' } end
  local first, last = rows[1][1], rows[count][1]
  local next = rows[count + 1] and rows[count + 1][1] or id_after(last)
  record_loss(keys[1], keys[2], { group = args[1], from = first, to = last, count = count, next = next })
  redis.call('XTRIM', keys[2], 'MINID', next)
  return { count, bytes, count == #rows and 1 or 0, first, last }
end

-- The fields of a dead letter, made of those of a delivery that was to be tried again.
local function given_up(name, payload, group, hop, message)
  local fields, of = parked_fields(name, payload), {}
  for f = 1, #fields, 2 do of[fields[f]] = fields[f + 1] end
  local now = tostring(now_ms())
  local letter = { 'hop', hop, 'group', group, 'consumer', '', 'stream', of.stream or '', 'position', of.position or '',
    'error', 'RetriesOverBound', 'message', message, 'attempts', of.attempt or '0', 'first', of.first or now, 'last', now,
    'history', of.history or '[]' }
  local event = of.event and { 'type', of.type or '', 'event', of.event } or { 'fields', cjson.encode(fields) }
  for _, value in ipairs(letter) do event[#event + 1] = value end
  return event
end

local function give_up(keys, args)
  for k, wanted in ipairs({ 'zset', 'hash', 'stream' }) do
    local fits, kind = type_is(keys[k], wanted)
    if not fits then return redis.error_reply('WRONGTYPE ' .. keys[k] .. ' holds a ' .. kind) end
  end
  if #args < 3 then return bad_arguments('give_up') end
  local moved, done, bytes = 0, 0, 0
  for i = 4, #args do
    local name = args[i]
    if redis.call('ZSCORE', keys[1], name) then
      bytes = bytes + redis.call('HSTRLEN', keys[2], name)
      if moved > 0 and bytes > READ_BYTES then break end
      redis.call('XADD', keys[3], '*', unpack(given_up(name, redis.call('HGET', keys[2], name), args[1], args[2], args[3])))
      redis.call('ZREM', keys[1], name)
      redis.call('HDEL', keys[2], name)
      moved = moved + 1
    end
    done = done + 1
  end
  return { moved, done }
end
`;
