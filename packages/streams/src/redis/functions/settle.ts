/**
 * `settle`: for each entry of a batch, append its copies to other streams, park or bury what failed, and acknowledge,
 * all or nothing.
 *
 * KEYS  parked (due times), parked (payloads), dead letters, lease, then the sources, then the targets
 * ARGV  group, consumer, token of the lease or nothing, count of sources, then for each source 1 if its entries are deleted when acknowledged, else 0;
 *       then for each entry: source, id, fence, and
 *         count of copies, each: target, type, json, stream and position it came from or two times nothing
 *         count of commands, each: count of words, words (their keys are among KEYS too)
 *         count of parks, each: delay in ms, name, payload (a JSON array of fields)
 *         count of burials, each: count of fields, fields
 *       A fence is \`group\` (the entry must still be pending) or \`owner\` (and be this consumer's).
 * With a token every entry is stale where the lease has another. Gives { stale entries, refused entries, each: entry, why,
 * how many of its commands were run or -1 where a target is bad, ms until the next parked delivery or -1 }.
 *
 * Redis does not roll a Function back, so types are checked before the first write: an entry with a bad target is
 * left as it was and named in the answer; a bad key of the group's own refuses the call.
 */
export const SETTLE = `
local function type_is(key, wanted)
  local kind = redis.call('TYPE', key).ok
  return kind == wanted or kind == 'none', kind
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function holds(lease_key, token)
  return token == '' or redis.call('HGET', lease_key, 'token') == token
end

local function pending_of(key, group, ids)
  local owners, counts = {}, {}
  local function note(rows)
    for _, row in ipairs(rows) do
      owners[row[1]] = row[2]
      counts[row[1]] = row[4]
    end
    return #rows
  end
  local found = redis.pcall('XPENDING', key, group, ids[1], ids[#ids], #ids)
  if found.err then return owners, counts end
  if note(found) == #ids then
    for _, id in ipairs(ids) do
      if not owners[id] then note(redis.call('XPENDING', key, group, id, id, 1)) end
    end
  end
  return owners, counts
end

local function ms_to_next(parked)
  local next_due = redis.call('ZRANGE', parked, 0, 0, 'WITHSCORES')
  if #next_due == 0 then return -1 end
  return math.max(0, tonumber(next_due[2]) - now_ms())
end

local function read_settle(keys, args)
  local sources = tonumber(args[4])
  local entries, by_source = {}, {}
  local i = 5 + sources
  local function take()
    i = i + 1
    return args[i - 1]
  end
  while i <= #args do
    local entry = { source = tonumber(take()), id = take(), fence = take(), copies = {}, commands = {}, parks = {}, burials = {} }
    for k = 1, tonumber(take()) do
      entry.copies[k] = { key = keys[4 + sources + tonumber(take())], type = take(), json = take(), stream = take(), position = take() }
    end
    for k = 1, tonumber(take()) do
      local words = {}
      for w = 1, tonumber(take()) do words[w] = take() end
      entry.commands[k] = words
    end
    for k = 1, tonumber(take()) do
      entry.parks[k] = { delay = tonumber(take()), name = take(), payload = take() }
    end
    for k = 1, tonumber(take()) do
      local fields = {}
      for f = 1, tonumber(take()) do fields[f] = take() end
      entry.burials[k] = fields
    end
    entries[#entries + 1] = entry
    local ids = by_source[entry.source] or {}
    ids[#ids + 1] = entry.id
    by_source[entry.source] = ids
  end
  return entries, by_source, sources
end

local function error_of(reply)
  if type(reply) ~= 'table' then return nil end
  return reply.err or (type(reply[1]) == 'table' and reply[1].err) or nil
end

local function run_all(commands)
  for n, words in ipairs(commands) do
    local failure = error_of(redis.pcall(unpack(words)))
    if failure then return failure, n - 1 end
  end
end

local function settle(keys, args)
  local group, consumer = args[1], args[2]
  for k, wanted in ipairs({ 'zset', 'hash', 'stream', 'hash' }) do
    local fits, kind = type_is(keys[k], wanted)
    if not fits then return redis.error_reply('WRONGTYPE ' .. keys[k] .. ' holds a ' .. kind) end
  end
  local entries, by_source, sources = read_settle(keys, args)
  local bad = {}
  for k = 5 + sources, #keys do
    local fits, kind = type_is(keys[k], 'stream')
    if not fits then bad[keys[k]] = kind end
  end
  local owners = {}
  local is_ours = holds(keys[4], args[3])
  for source, ids in pairs(by_source) do
    owners[source] = is_ours and pending_of(keys[4 + source], group, ids) or {}
  end

  local acks, stale, refused, parked_any = {}, {}, {}, false
  for n, entry in ipairs(entries) do
    local owner = owners[entry.source][entry.id]
    local bad_key
    for _, copy in ipairs(entry.copies) do
      if bad[copy.key] then bad_key = copy.key end
    end
    if not owner or (entry.fence == 'owner' and owner ~= consumer) then
      stale[#stale + 1] = n - 1
    else
      local why, run = bad_key and bad_key .. ' holds a ' .. bad[bad_key], -1
      if not why then why, run = run_all(entry.commands) end
      if why then
        for _, value in ipairs({ n - 1, why, run }) do refused[#refused + 1] = value end
      else
        for _, copy in ipairs(entry.copies) do
          if copy.stream == '' then
            redis.call('XADD', copy.key, '*', 'type', copy.type, 'event', copy.json)
          else
            redis.call('XADD', copy.key, '*', 'type', copy.type, 'event', copy.json, 'stream', copy.stream, 'position', copy.position)
          end
        end
        for _, park in ipairs(entry.parks) do
          redis.call('HSET', keys[2], park.name, park.payload)
          redis.call('ZADD', keys[1], now_ms() + park.delay, park.name)
          parked_any = true
        end
        for _, fields in ipairs(entry.burials) do redis.call('XADD', keys[3], '*', unpack(fields)) end
        local ids = acks[entry.source] or {}
        ids[#ids + 1] = entry.id
        acks[entry.source] = ids
        owners[entry.source][entry.id] = nil
      end
    end
  end
  for source, ids in pairs(acks) do
    redis.call('XACK', keys[4 + source], group, unpack(ids))
    if args[4 + source] == '1' then redis.call('XDEL', keys[4 + source], unpack(ids)) end
  end
  return { stale, refused, parked_any and ms_to_next(keys[1]) or -1 }
end
`;
