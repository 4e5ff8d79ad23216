/**
 * `settle`: for each entry of a batch, append its copies to other streams, park or dead-letter what failed, and acknowledge,
 * all or nothing.
 *
 * KEYS  parked (due times), parked (payloads), dead letters, lease, counters of frames, then the sources, then the targets
 * ARGV  group, consumer, token of the lease or nothing, 1 where anything is parked or dead-lettered, most events of an entry,
 *       count of sources; then for each source: 1 if its entries are deleted when acknowledged, else 0; 1 if there are
 *       frames among them, else 0; count of entries; their ids, going up; with frames, how many events each holds;
 *       then what is done, entry by entry in any order; an entry is named by its place among all ids, from 1:
 *         copy     entry, target, type, json
 *         origin   entry, target, type, json, stream and position that it came from
 *         same     entry, target: another copy of what the last \`copy\` or \`origin\`, of the same entry, has
 *         command  entry, count of words, words (their keys are among KEYS too)
 *         park     entry, delay in ms, name, payload (a JSON array of fields)
 *         dead_letter  entry, count of fields, fields
 *       The commands of an entry come before what else is done for it: where one is refused, nothing else was done.
 *       An entry of which nothing is parked or dead-lettered must still be pending; one of which something is must also be this
 *       consumer's.
 * With a token every entry is stale where the lease has another. Gives { stale entries, refused entries, each: entry, why,
 * how many of its commands were run, or below 0 the number of the target that is bad, ms until the next parked delivery or -1 }.
 *
 * Redis does not roll a Function back, so types are checked before the first write: an entry with a bad target is
 * left as it was and named in the answer; a bad key of the group's own, or a number that is none, refuses the call.
 *
 * Every event of every hop passes here: what an entry needs is read from the arguments as it is done, not gathered before.
 */
export const SETTLE = `
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
  return math.max(0, math.min(LONGEST_DELAY, tonumber(next_due[2]) - now_ms()))
end

local function error_of(reply)
  if type(reply) ~= 'table' then return nil end
  if reply.err then return reply.err end
  for _, part in ipairs(reply) do
    if type(part) == 'table' and part.err then return part.err end
  end
end

-- Where the step at i ends.
local function after(args, i)
  local step = args[i]
  if step == 'copy' then return i + 5 end
  if step == 'same' then return i + 3 end
  if step == 'origin' then return i + 7 end
  if step == 'park' then return i + 5 end
  return i + 3 + tonumber(args[i + 2])
end

-- Whether a step beside copies is one that can be done: every number in it is one.
local function is_sound(args, i, last)
  local step = args[i]
  if step == 'park' then
    local delay = whole_in(args[i + 2])
    return delay and delay <= LONGEST_DELAY
  end
  local count = (step == 'command' or step == 'dead_letter') and whole_in(args[i + 2])
  return count and count >= 1 and i + 2 + count <= last and (step == 'command' or count <= MOST_WORDS)
end

-- Puts a copy to those that wait for the same target; a full frame goes.
local function gather(frames, target, counters, most, kind, json)
  local frame = frames[target]
  if not frame then
    frame = { types = {}, jsons = {}, bytes = 0 }
    frames[target] = frame
  end
  frame.types[#frame.types + 1] = kind
  frame.jsons[#frame.jsons + 1] = json
  frame.bytes = frame.bytes + #json
  if #frame.jsons == most or frame.bytes >= FRAME_BYTES then
    add_entry(target, counters, frame.types, frame.jsons)
    frames[target] = nil
  end
end

local function settle(keys, args)
  local group, consumer, source_count, most = args[1], args[2], whole_in(args[6]), whole_in(args[5])
  if not (source_count and most) then return bad_arguments('settle') end
  for k, wanted in ipairs({ 'zset', 'hash', 'stream', 'hash', 'hash' }) do
    local fits, kind = type_is(keys[k], wanted)
    if not fits then return redis.error_reply('WRONGTYPE ' .. keys[k] .. ' holds a ' .. kind) end
  end
  local first_target = 5 + source_count
  local bad = {}
  for k = first_target + 1, #keys do
    local fits, kind = type_is(keys[k], 'stream')
    if not fits then bad[k] = kind end
  end

  local is_ours = holds(keys[4], args[3])
  local sources, owner_of, skip, stale, refused, total, i = {}, {}, {}, {}, {}, 0, 7
  for s = 1, source_count do
    local count = whole_in(args[i + 2])
    if not count or count > MOST_WORDS or i + 2 + count > #args then return bad_arguments('settle') end
    local ids = { unpack(args, i + 3, i + 2 + count) }
    sources[s] = { ids = ids, deletes = args[i] == '1', sizes_at = args[i + 1] == '1' and i + 2 + count or nil }
    local owners = is_ours and pending_of(keys[5 + s], group, ids) or {}
    for n = 1, count do
      local owner = owners[ids[n]]
      owners[ids[n]] = nil
      owner_of[total + n] = owner
      if not owner then
        skip[total + n] = true
        stale[#stale + 1] = total + n
      end
    end
    total = total + count
    i = i + 3 + count
    if sources[s].sizes_at then
      for n = 1, count do
        if not whole_in(args[i + n - 1]) then return bad_arguments('settle') end
      end
      i = i + count
    end
  end

  -- What is not ours to dead-letter, has nowhere to go or cannot be done is known before the first write.
  local targets, at, last, text_of = #keys - first_target, i, #args, nil
  local function refuse(n, why, which)
    skip[n] = true
    refused[#refused + 1], refused[#refused + 2], refused[#refused + 3] = n, why, which
  end
  while at <= last do
    local step, n = args[at], tonumber(args[at + 1])
    if not (skip[n] or owner_of[n]) then return bad_arguments('settle') end
    if step == 'copy' or step == 'origin' or step == 'same' then
      local target = tonumber(args[at + 2])
      if not (target and target >= 1 and target <= targets) then return bad_arguments('settle') end
      if step ~= 'same' then text_of = n elseif text_of ~= n then return bad_arguments('settle') end
      local kind = bad[first_target + target]
      if kind and not skip[n] then refuse(n, keys[first_target + target] .. ' holds a ' .. kind, -target) end
      at = after(args, at)
    else
      if not is_sound(args, at, last) then return bad_arguments('settle') end
      if step == 'command' then
        if tonumber(args[at + 2]) > MOST_WORDS and not skip[n] then refuse(n, 'ERR a command of more than ' .. MOST_WORDS .. ' words', 0) end
      elseif owner_of[n] ~= consumer and not skip[n] then
        skip[n] = true
        stale[#stale + 1] = n
      end
      at = after(args, at)
    end
  end
  if at ~= last + 1 then return bad_arguments('settle') end

  local parked, running, run, frames, text_at = 0, 0, 0, {}, i
  while i <= last do
    local step, n = args[i], tonumber(args[i + 1])
    local following = step == 'copy' and i + 5 or after(args, i)
    local target = args[i + 2]
    if step == 'same' then step = args[text_at] elseif step == 'copy' or step == 'origin' then text_at = i end
    if not skip[n] then
      if step == 'copy' then
        target = keys[first_target + tonumber(target)]
        if most == 1 then
          redis.call('XADD', target, '*', 'type', args[text_at + 3], 'event', args[text_at + 4])
        else
          gather(frames, target, keys[5], most, args[text_at + 3], args[text_at + 4])
        end
      elseif step == 'origin' then
        redis.call('XADD', keys[first_target + tonumber(target)], '*', 'type', args[text_at + 3], 'event', args[text_at + 4],
          'stream', args[text_at + 5], 'position', args[text_at + 6])
      elseif step == 'command' then
        if running ~= n then running, run = n, 0 end
        local why = error_of(redis.pcall(unpack(args, i + 3, following - 1)))
        if why then
          skip[n] = true
          for _, value in ipairs({ n, why, run }) do refused[#refused + 1] = value end
        end
        run = run + 1
      elseif step == 'park' then
        redis.call('HSET', keys[2], args[i + 3], args[i + 4])
        redis.call('ZADD', keys[1], now_ms() + tonumber(args[i + 2]), args[i + 3])
        parked = parked + 1
      else
        redis.call('XADD', keys[3], '*', unpack(args, i + 3, following - 1))
      end
    end
    i = following
  end
  for target, frame in pairs(frames) do add_entry(target, keys[5], frame.types, frame.jsons) end

  local base = 0
  for s, source in ipairs(sources) do
    local ids = source.ids
    local count = #ids
    if source.sizes_at then
      local beyond = 0
      for n = 1, count do
        if not skip[base + n] then beyond = beyond + tonumber(args[source.sizes_at + n]) - 1 end
      end
      if beyond > 0 then count_settled(keys[5], stream_name(keys[5 + s]), group, beyond) end
    end
    if next(skip) then
      local kept = {}
      for n = 1, count do
        if not skip[base + n] then kept[#kept + 1] = ids[n] end
      end
      ids = kept
    end
    if #ids > 0 then
      redis.call('XACK', keys[5 + s], group, unpack(ids))
      if source.deletes then redis.call('XDEL', keys[5 + s], unpack(ids)) end
    end
    base = base + count
  end
  if parked > 0 then count_up(keys[5], 'parked', parked) end
  return { stale, refused, parked > 0 and ms_to_next(keys[1]) or -1 }
end
`;
