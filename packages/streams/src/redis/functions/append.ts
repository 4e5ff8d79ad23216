/**
 * `append`: events to a stream, except those whose digest was seen within the window.
 *
 * KEYS  stream, state of the window, its generations
 * ARGV  longest age of a generation in ms, most digests of a generation, 1 to write something even where every event is
 *       a duplicate (so that whoever then waits for the write waits for the first one's), then for each event: type, json, count of
 *       digests, digests
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

local function seen_before(keys, digests)
  local seen = {}
  if #digests == 0 then return seen end
  for k = 3, #keys do
    local found = redis.call('HMGET', keys[k], unpack(digests))
    for i = 1, #digests do
      if found[i] then seen[digests[i]] = found[i] end
    end
  end
  return seen
end

local function append(keys, args)
  local kind = redis.call('TYPE', keys[1]).ok
  if kind ~= 'stream' and kind ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. keys[1] .. ' holds a ' .. kind .. ', not a stream')
  end
  local events, all, i = {}, {}, 4
  while i <= #args do
    local event = { type = args[i], json = args[i + 1], digests = {} }
    for k = 1, tonumber(args[i + 2]) do
      event.digests[k] = args[i + 2 + k]
      all[#all + 1] = args[i + 2 + k]
    end
    i = i + 3 + #event.digests
    events[#events + 1] = event
  end
  local seen = seen_before(keys, all)
  local fresh, ids = {}, {}
  for n, event in ipairs(events) do
    local first
    for _, digest in ipairs(event.digests) do first = first or seen[digest] end
    if first then
      ids[n] = '=' .. first
    else
      local id = redis.call('XADD', keys[1], '*', 'type', event.type, 'event', event.json)
      for _, digest in ipairs(event.digests) do
        seen[digest] = id
        fresh[#fresh + 1] = digest
        fresh[#fresh + 1] = id
      end
      ids[n] = id
    end
  end
  if #fresh > 0 then
    local longest_age = tonumber(args[1])
    local generation, is_new = open_generation(keys, longest_age, tonumber(args[2]), #fresh / 2)
    redis.call('HSET', generation, unpack(fresh))
    if is_new then redis.call('PEXPIRE', generation, longest_age * (#keys - 2)) end
  elseif args[3] == '1' then
    redis.call('HSET', keys[2], 'asked', now_ms())
  end
  return ids
end
`;
