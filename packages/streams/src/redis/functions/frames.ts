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
  return fields[1] == 'count' and math.max(1, tonumber(fields[2]) or 1) or 1
end

-- What one call reads of a stream, as far as its first entry tells: to hand entries to Lua takes Redis 4 ms for 1 MiB.
local READ_BYTES = 524288

local function size_of(fields)
  local bytes = 100
  for _, field in ipairs(fields) do bytes = bytes + #field end
  return bytes
end

local function add_entry(key, counters, types, jsons)
  local count = #jsons
  if count == 1 then return redis.call('XADD', key, '*', 'type', types[1], 'event', jsons[1]) end
  redis.call('HINCRBY', counters, 'added ' .. stream_name(key), count - 1)
  return redis.call('XADD', key, '*', 'count', count, 'events', table.concat(jsons, '\\n'), 'types', table.concat(types, '\\n'))
end

-- A group that has settled nothing yet has seen nothing of what was trimmed before it came.
local function count_settled(counters, stream, group, beyond)
  local field = 'settled ' .. stream .. ' ' .. group
  if redis.call('HEXISTS', counters, field) == 0 then
    beyond = beyond + (tonumber(redis.call('HGET', counters, 'trimmed ' .. stream)) or 0)
  end
  redis.call('HINCRBY', counters, field, beyond)
end
`;
