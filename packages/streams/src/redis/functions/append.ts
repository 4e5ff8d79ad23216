/**
 * `append`: events to a stream, except those whose digest was seen within the window.
 *
 * KEYS  stream, state of the window, its generations
 * ARGV  longest age of a generation in ms, most digests of a generation, 1 to write something even where every event is
 *       a duplicate (so that whoever then waits for the write waits for the first one's), count of events, digests an
 *       event; then all digests (an event with fewer has empty ones), then for each event: type, json
 * Gives for each event its id, with `=` before it where it is a duplicate of the event with that id.
 *
 * The window is a ring of hashes (digest → id). New digests go to the youngest; when that is full or old, the oldest is
 * dropped and becomes the youngest. A digest is therefore remembered for at least the age of all but one of them.
 */
export const APPEND = `
local function open_generation(keys, longest_age, capacity, incoming)
  local count = #keys - 2
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local state = redis.call('HMGET', keys[2], 'current', 'started')
  local current, started = tonumber(state[1]), tonumber(state[2])
  if current and current < count and now - started < longest_age
      and redis.call('HLEN', keys[3 + current]) + incoming <= capacity then
    return keys[3 + current], false
  end
  current = current and (current + 1) % count or 0
  redis.call('UNLINK', keys[3 + current])
  redis.call('HSET', keys[2], 'current', current, 'started', now)
  return keys[3 + current], true
end

local function append(keys, args)
  local kind = redis.call('TYPE', keys[1]).ok
  if kind ~= 'stream' and kind ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. keys[1] .. ' holds a ' .. kind .. ', not a stream')
  end
  local events, each = tonumber(args[4]), tonumber(args[5])
  local last_digest = 5 + events * each
  local seen = {}
  if each > 0 then
    for k = 3, #keys do
      local found = redis.call('HMGET', keys[k], unpack(args, 6, last_digest))
      for d = 6, last_digest do
        if found[d - 5] then seen[args[d]] = found[d - 5] end
      end
    end
  end
  local fresh, ids, filled = {}, {}, 0
  for n = 1, events do
    local first
    for d = 6 + (n - 1) * each, 5 + n * each do first = first or seen[args[d]] end
    if first then
      ids[n] = '=' .. first
    else
      local at = last_digest + 2 * n
      local id = redis.call('XADD', keys[1], '*', 'type', args[at - 1], 'event', args[at])
      for d = 6 + (n - 1) * each, 5 + n * each do
        local digest = args[d]
        if digest ~= '' then
          seen[digest] = id
          fresh[filled + 1] = digest
          fresh[filled + 2] = id
          filled = filled + 2
        end
      end
      ids[n] = id
    end
  end
  if filled > 0 then
    local longest_age = tonumber(args[1])
    local generation, is_new = open_generation(keys, longest_age, tonumber(args[2]), filled / 2)
    redis.call('HSET', generation, unpack(fresh))
    if is_new then redis.call('PEXPIRE', generation, longest_age * (#keys - 2)) end
  elseif args[3] == '1' then
    redis.call('HSET', keys[2], 'asked', now_ms())
  end
  return ids
end
`;
