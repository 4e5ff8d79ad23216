/**
 * What the Functions share about entries, and about frames: those of several events, `count`, `events` (NDJSON) and `types` (one a line).
 *
 * Redis counts entries. What a stream and a group have beyond that, in events, is counted in a hash of the partition:
 * `added <stream>` and `trimmed <stream>`, all that ever was, and `settled <stream> <group>`. Beside them stand `duplicates`
 * and `parked`: how many events were refused because they had come before, and how many deliveries were parked.
 */
export const FRAMES = `
local function stream_name(key)
  return string.match(key, '}:(.*)$') or key
end

-- How many events an entry holds, from its fields.
local function events_in(fields)
  if fields[1] ~= 'count' then return 1 end
  local count = whole_in(fields[2], 1)
  return count >= 1 and count <= 1000000 and count or 1
end

-- What one call reads of a stream: to hand entries to Lua takes Redis 2 to 8 ms for 1 MiB.
local READ_BYTES = 524288
-- A frame that has so many bytes gets no more events: whoever needs one of its events, or its count, reads all of it.
local FRAME_BYTES = 65536
-- What is larger is not handed to a consumer, whose process could die of it each time.
local MOST_ENTRY = 33554432
local MOST_STEP = 8

local function size_of(fields)
  local bytes = 100
  for _, field in ipairs(fields) do bytes = bytes + #field end
  return bytes
end

-- The entries of a range, the oldest or by XREVRANGE the newest first: at most so many, and so many bytes, but for one entry
-- that has more alone. In small steps, as the size of one says little of the next. Gives too whether there may be more, and how
-- many bytes it read.
local function rows_within(command, source, from, to, count, most_bytes)
  local rows, bytes, step = {}, 0, 1
  while #rows < count do
    local wanted = math.min(step, count - #rows)
    if #rows > 0 then wanted = math.min(wanted, math.max(1, math.floor((most_bytes - bytes) * #rows / bytes))) end
    local found = redis.call(command, source, from, to, 'COUNT', wanted)
    for _, row in ipairs(found) do
      bytes = bytes + size_of(row[2])
      if #rows > 0 and bytes > most_bytes then return rows, true, bytes end
      rows[#rows + 1] = row
    end
    if #found < wanted then return rows, false, bytes end
    from = '(' .. found[#found][1]
    step = math.min(MOST_STEP, step * 2)
  end
  return rows, true, bytes
end

-- A counter of the partition. What is no number there is begun anew: it is only counted by, and put right by \`trim\`.
local function count_up(counters, field, by)
  local answer = redis.pcall('HINCRBY', counters, field, by)
  if type(answer) == 'table' then redis.call('HSET', counters, field, by) end
end

local function add_entry(key, counters, types, jsons)
  local count = #jsons
  if count == 1 then return redis.call('XADD', key, '*', 'type', types[1], 'event', jsons[1]) end
  count_up(counters, 'added ' .. stream_name(key), count - 1)
  return redis.call('XADD', key, '*', 'count', count, 'events', table.concat(jsons, '\\n'), 'types', table.concat(types, '\\n'))
end

-- A group that has settled nothing yet has seen nothing of what was trimmed before it came.
local function count_settled(counters, stream, group, beyond)
  local field = 'settled ' .. stream .. ' ' .. group
  if redis.call('HEXISTS', counters, field) == 0 then
    beyond = beyond + whole_in(redis.call('HGET', counters, 'trimmed ' .. stream), 0)
  end
  count_up(counters, field, beyond)
end
`;
