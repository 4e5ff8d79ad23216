/**
 * `trim`: shortens streams to their retention, but never past what a registered group still needs.
 *
 * KEYS  records of forced loss, counters of frames, then the streams
 * ARGV  most entries to trim of all streams, then for each stream: greatest count of events or 0, longest age in ms or 0, of
 *       how many groups, from the last on, it goes past the floor, count of groups, groups
 * Gives for each stream { events trimmed, 1 if more is to be trimmed, then for each group that lost something: group,
 * first id, last id, count }.
 *
 * The floor of a group is its lowest pending id, else the id after the last one handed out. A registered group that is
 * not there was lost with what it knew: it is made again at the beginning, so it holds everything. What is forced past a
 * floor is one record a range: a range that goes on where the last one ended replaces its record.
 */
export const TRIM = `
local function record_of(flat)
  local record = {}
  for f = 1, #flat, 2 do record[flat[f]] = flat[f + 1] end
  return record
end

-- What a call reads of all its streams, but for one entry that has more alone.
local TRIM_BYTES = 196608

local function last_delivered(key)
  local of, stream = {}, record_of(redis.call('XINFO', 'STREAM', key))
  local first, last, bytes = stream['first-entry'], stream['last-entry'], 0
  for _, entry in ipairs({ first or nil, last or nil }) do bytes = bytes + size_of(entry[2]) end
  for _, row in ipairs(redis.call('XINFO', 'GROUPS', key)) do
    local group = record_of(row)
    local last = group['last-delivered-id']
    -- The counter behind \`lag\` is not restored by some restarts; of a group that has read everything it is known.
    if last == stream['last-generated-id'] and group.lag and group.lag ~= 0 then
      redis.pcall('XGROUP', 'SETID', key, group.name, last, 'ENTRIESREAD', stream['entries-added'])
    end
    of[group.name] = last
  end
  return of, stream['last-generated-id'], first and first[1], bytes
end

local function floors_of(key, counters, groups)
  local delivered, last, first, bytes = last_delivered(key)
  local floors, idle = {}, {}
  for _, group in ipairs(groups) do
    if not delivered[group] then
      redis.call('XGROUP', 'CREATE', key, group, '0')
      redis.call('HDEL', counters, 'settled ' .. stream_name(key) .. ' ' .. group)
      floors[group] = '0-0'
      delivered[group] = '0-0'
    else
      local pending = redis.call('XPENDING', key, group)
      floors[group] = pending[1] > 0 and pending[2] or id_after(delivered[group])
      if pending[1] == 0 and delivered[group] == last then idle[#idle + 1] = group end
    end
  end
  return floors, idle, delivered, first, bytes
end

local function length_of(key, counters)
  local name = stream_name(key)
  local beyond = redis.call('HMGET', counters, 'added ' .. name, 'trimmed ' .. name)
  return redis.call('XLEN', key) + whole_in(beyond[1], 0) - whole_in(beyond[2], 0)
end

-- The oldest entries, how many of them the retention does not keep, and how many bytes were read.
local function beyond_retention(key, counters, page, most_bytes, longest, oldest, first)
  local excess = longest > 0 and length_of(key, counters) - longest or 0
  if excess <= 0 and not is_older(first, oldest) then return {}, 0, 0 end
  local rows, _, bytes = rows_within('XRANGE', key, '-', '+', page, most_bytes)
  local count, events = 0, 0
  while count < #rows do
    local row = rows[count + 1]
    events = events + events_in(row[2])
    if events > excess and not is_older(row[1], oldest) then break end
    count = count + 1
  end
  return rows, count, bytes
end

-- Counters that a lost stream or a lost group left wrong are put right as soon as the answer is known without them.
local function forget_counters(key, counters, groups)
  local name = stream_name(key)
  redis.call('HDEL', counters, 'added ' .. name, 'trimmed ' .. name)
  for _, group in ipairs(groups) do redis.call('HDEL', counters, 'settled ' .. name .. ' ' .. group) end
end

local function correct_counters(key, counters, idle)
  local name = stream_name(key)
  local added = whole_in(redis.call('HGET', counters, 'added ' .. name))
  if not added then return end
  if redis.call('XLEN', key) == 0 then redis.call('HSET', counters, 'trimmed ' .. name, added) end
  for _, group in ipairs(idle) do redis.call('HSET', counters, 'settled ' .. name .. ' ' .. group, added) end
end

local function pending_between(key, group, first, last)
  local pending = {}
  for _, row in ipairs(redis.call('XPENDING', key, group, first, last, 500)) do pending[row[1]] = true end
  return pending
end

-- What a group loses of these rows: what it was not handed yet, and what it has in hand. Of the latter whoever has it will
-- say that it is settled.
local function losses_of(key, rows, count, next, floors, delivered)
  local losses = {}
  for group, floor in pairs(floors) do
    local loss = { group = group, count = 0, beyond = 0, next = next }
    local pending = pending_between(key, group, rows[1][1], rows[count][1])
    for n = 1, count do
      local id, events = rows[n][1], events_in(rows[n][2])
      local is_new = is_before(delivered[group], id)
      if not is_before(id, floor) and (is_new or pending[id]) then
        loss.from = loss.from or id
        loss.to = id
        loss.count = loss.count + events
        if is_new then loss.beyond = loss.beyond + events - 1 end
      end
    end
    if loss.count > 0 then losses[#losses + 1] = loss end
  end
  return losses
end

-- Gives the answer, how many entries were trimmed, and how many bytes were read.
local function trim_one(records, counters, key, page, most_bytes, limits, groups)
  local answer = { 0, 0 }
  if redis.call('TYPE', key).ok ~= 'stream' then
    forget_counters(key, counters, groups)
    return answer, 0, 0
  end
  local floors, idle, delivered, first, looked = floors_of(key, counters, groups)
  if not first then
    correct_counters(key, counters, idle)
    return answer, 0, looked
  end
  correct_counters(key, counters, idle)
  local oldest = limits.age > 0 and now_ms() - limits.age or -1
  local rows, count, bytes = beyond_retention(key, counters, page, most_bytes, limits.length, oldest, first)
  bytes = bytes + looked
  if count == #rows then answer[2] = 1 end
  for g = 1, #groups - limits.ignored do
    while count > 0 and not is_before(rows[count][1], floors[groups[g]]) do
      count = count - 1
      answer[2] = 0
    end
  end
  if count == 0 then return { 0, 0 }, 0, bytes end
  local next = rows[count + 1] and rows[count + 1][1] or id_after(rows[count][1])
  for _, loss in ipairs(losses_of(key, rows, count, next, floors, delivered)) do
    record_loss(records, key, loss)
    if loss.beyond > 0 then count_settled(counters, stream_name(key), loss.group, loss.beyond) end
    for _, value in ipairs({ loss.group, loss.from, loss.to, loss.count }) do answer[#answer + 1] = value end
  end
  local beyond = -count
  for n = 1, count do beyond = beyond + events_in(rows[n][2]) end
  if beyond > 0 then count_up(counters, 'trimmed ' .. stream_name(key), beyond) end
  local entries = redis.call('XTRIM', key, 'MINID', next)
  answer[1] = entries + beyond
  return answer, entries, bytes
end

local function requests_in(keys, args)
  local all, i = {}, 2
  for k = 3, #keys do
    local limits = { length = whole_in(args[i]), age = whole_in(args[i + 1]), ignored = whole_in(args[i + 2]) }
    local count, groups = whole_in(args[i + 3]), {}
    if not (limits.length and limits.age and limits.ignored and count) or limits.ignored > count then return nil end
    for g = 1, count do groups[g] = args[i + 3 + g] end
    all[k - 2] = { limits = limits, groups = groups }
    i = i + 4 + count
  end
  return all
end

local function trim(keys, args)
  for k, wanted in ipairs({ 'stream', 'hash' }) do
    local fits, kind = type_is(keys[k], wanted)
    if not fits then return redis.error_reply('WRONGTYPE ' .. keys[k] .. ' holds a ' .. kind) end
  end
  local left, left_bytes, all = whole_in(args[1]), TRIM_BYTES, requests_in(keys, args)
  if not left or not all then return bad_arguments('trim') end
  local answers = {}
  for k = 3, #keys do
    if left > 0 and left_bytes > 0 then
      local of = all[k - 2]
      local answer, entries, bytes = trim_one(keys[1], keys[2], keys[k], left, left_bytes, of.limits, of.groups)
      answers[k - 2] = answer
      left, left_bytes = left - entries, left_bytes - bytes
    else
      answers[k - 2] = { 0, 1 }
    end
  end
  return answers
end
`;
