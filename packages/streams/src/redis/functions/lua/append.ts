/**
 * `append`: events to a stream, except those whose digest was seen within the window.
 *
 * KEYS  stream, counters of frames, state of the window, gate of the partition, the window's generations
 * ARGV  longest age of a generation in ms, most events of a generation, most events of an entry, of how many partitions
 *       this one was chosen or nothing, count of events, digests an event; then all digests (an event with fewer has empty
 *       ones), then for each event: type, json
 * Refused with \`GATE\` and what the gate says where it is closed, or open for another number of partitions.
 * Gives for each event its position, with `=` before it where it is a duplicate of the event there, and `!` where it is not
 * taken because the event there, of the same digest, has another type: it is not the same event. Duplicates are counted
 * in the partition, which is a write too: whoever then waits for it to be safe waits for the first one's.
 *
 * The window is a ring of hashes (digest → id, a space, and eight bytes that stand for the type; earlier versions wrote the
 * id alone). New digests go to the youngest; when that is full or old, the oldest is
 * dropped and becomes the youngest. An event with several digests counts once. A digest is therefore remembered for at least the age of all but one of them.
 */
export const APPEND = `
local GENERATIONS_FROM = 5

local function open_generation(keys, longest_age, capacity, incoming)
  local count = #keys - GENERATIONS_FROM + 1
  local state = redis.call('HMGET', keys[3], 'current', 'started', 'events')
  local current, now = whole_in(state[1]), now_ms()
  -- What began in the future began under another clock.
  local started = math.min(whole_in(state[2], 0), now)
  if current and current < count and now - started < longest_age then
    -- An earlier version counted digests.
    local held = whole_in(state[3]) or redis.call('HLEN', keys[GENERATIONS_FROM + current])
    if held + incoming <= capacity then
      redis.call('HSET', keys[3], 'events', held + incoming)
      return keys[GENERATIONS_FROM + current], false
    end
  end
  current = current and (current + 1) % count or 0
  redis.call('UNLINK', keys[GENERATIONS_FROM + current])
  redis.call('HSET', keys[3], 'current', current, 'started', now, 'events', incoming)
  return keys[GENERATIONS_FROM + current], true
end

-- Eight bytes that stand for a type: nobody finds another type with the same ones in the life of a window.
local function mark_of(marks, of)
  local mark = marks[of]
  if not mark then
    mark = string.gsub(string.sub(redis.sha1hex(of), 1, 16), '%x%x', function(hex) return string.char(tonumber(hex, 16)) end)
    marks[of] = mark
  end
  return mark
end

-- Where an event stands that was seen, and what stands for its type where that is known.
local function stood(noted)
  local space = string.find(noted, ' ', 1, true)
  if not space then return noted end
  return string.sub(noted, 1, space - 1), string.sub(noted, space + 1)
end

-- Appends the events with these numbers as one entry, and notes where each stands.
local function place(keys, args, first_event, numbers, positions)
  local types, jsons = {}, {}
  for k, n in ipairs(numbers) do
    types[k] = args[first_event + 2 * n - 2]
    jsons[k] = args[first_event + 2 * n - 1]
  end
  local id = add_entry(keys[1], keys[2], types, jsons)
  if #numbers == 1 then positions[numbers[1]] = id return end
  for k, n in ipairs(numbers) do positions[n] = id .. '.' .. (k - 1) end
end

local function append(keys, args)
  for k, wanted in ipairs({ 'stream', 'hash', args[6] ~= '0' and 'hash' or nil }) do
    local fits, kind = type_is(keys[k], wanted)
    if not fits then
      return redis.error_reply('WRONGTYPE ' .. keys[k] .. ' holds a ' .. kind .. ', not a ' .. wanted)
    end
  end
  if args[4] ~= '' then
    local gate = redis.call('GET', keys[4])
    if gate and gate ~= args[4] then return redis.error_reply('GATE ' .. gate) end
  end
  local longest_age, capacity, most = whole_in(args[1]), whole_in(args[2]), whole_in(args[3])
  local events, each = whole_in(args[5]), whole_in(args[6])
  if not (longest_age and capacity and most and events and each) then return bad_arguments('append') end
  local last_digest = 6 + events * each
  if #args ~= last_digest + 2 * events then return bad_arguments('append') end
  -- Where an event with a digest stands, or its number where it came with this call.
  local seen = {}
  if each > 0 then
    for k = GENERATIONS_FROM, #keys do
      for from = 7, last_digest, ARGUMENTS do
        local to = math.min(last_digest, from + ARGUMENTS - 1)
        local found = redis.call('HMGET', keys[k], unpack(args, from, to))
        for d = from, to do
          if found[d - from + 1] then seen[args[d]] = found[d - from + 1] end
        end
      end
    end
  end
  local fresh, positions, repeats, waiting, bytes, filled, repeated, named = {}, {}, {}, {}, 0, 0, 0, 0
  local marks = {}
  local function type_of(n) return args[last_digest + 2 * n - 1] end
  for n = 1, events do
    local first
    for d = 7 + (n - 1) * each, 6 + n * each do first = first or seen[args[d]] end
    if first then
      repeats[n] = first
      repeated = repeated + 1
    else
      local before = filled
      for d = 7 + (n - 1) * each, 6 + n * each do
        local digest = args[d]
        if digest ~= '' then
          seen[digest] = n
          fresh[filled + 1] = digest
          fresh[filled + 2] = n
          filled = filled + 2
        end
      end
      if filled > before then named = named + 1 end
      if most == 1 then
        local at = last_digest + 2 * n
        positions[n] = redis.call('XADD', keys[1], '*', 'type', args[at - 1], 'event', args[at])
      else
        waiting[#waiting + 1] = n
        bytes = bytes + #args[last_digest + 2 * n]
        if #waiting == most or bytes >= FRAME_BYTES then
          place(keys, args, last_digest + 1, waiting, positions)
          waiting, bytes = {}, 0
        end
      end
    end
  end
  if #waiting > 0 then place(keys, args, last_digest + 1, waiting, positions) end
  for n, first in pairs(repeats) do
    if type(first) == 'number' then
      positions[n] = (type_of(first) == type_of(n) and '=' or '!') .. positions[first]
    else
      local at, mark = stood(first)
      positions[n] = ((not mark or mark == mark_of(marks, type_of(n))) and '=' or '!') .. at
    end
  end
  if filled > 0 then
    for k = 2, filled, 2 do fresh[k] = positions[fresh[k]] .. ' ' .. mark_of(marks, type_of(fresh[k])) end
    local generation, is_new = open_generation(keys, longest_age, capacity, named)
    for from = 1, #fresh, ARGUMENTS do
      redis.call('HSET', generation, unpack(fresh, from, math.min(#fresh, from + ARGUMENTS - 1)))
    end
    if is_new then redis.call('PEXPIRE', generation, longest_age * (#keys - GENERATIONS_FROM + 1)) end
  end
  if repeated > 0 then count_up(keys[2], 'duplicates', repeated) end
  return positions
end
`;
