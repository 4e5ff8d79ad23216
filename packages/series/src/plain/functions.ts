/**
 * The Functions of the plain store. A series is a sorted set: the score is the time, the member `<time>:<value>` with
 * the value's text as it was sent; a rollup is the same with the starts of buckets. One member a time makes `LAST`
 * exact, and one key a series lets retention be one command.
 *
 * A bucket's point is always computed from the raw samples, so raw samples are trimmed no further than the start of
 * the oldest bucket that a sample inside the retention can still change; reads leave out what is behind the retention.
 */

/**
 * `add`: samples to series.
 *
 * KEYS  for each series: its key, then those of its rollups
 * ARGV  for each series: count of rollups, count of samples, retention in ms, duplicate policy, most ms and most difference
 *       of what is ignored (-1 ms: nothing is); for each rollup: aggregate, bucket in ms, retention in ms; for each
 *       sample: time, value
 * Gives for each sample `ok`, `old` or `type`. Nothing is written where an argument is bad; a series of which a key is
 * something else is left alone.
 */
export const ADD = `
local function whole(text)
  return string.format('%.0f', text)
end

local function time_of(member)
  return tonumber(string.sub(member, 1, string.find(member, ':', 1, true) - 1))
end

local function value_of(member)
  return string.sub(member, string.find(member, ':', 1, true) + 1)
end

local function last_of(key)
  local found = redis.call('ZREVRANGE', key, 0, 0)
  return found[1] and time_of(found[1])
end

local function bucket_of(time, size)
  return time - time % size
end

local KEEP = {
  last = function(_, new) return new end,
  first = function(old) return old end,
  min = function(old, new) return tonumber(new) < tonumber(old) and new or old end,
  max = function(old, new) return tonumber(new) > tonumber(old) and new or old end,
}

local function read_series(keys, args, k, a)
  local series = { key = keys[k], rollups = {}, samples = {}, retention = tonumber(args[a + 2]), keep = KEEP[args[a + 3]] }
  series.ignored_ms, series.ignored_change = tonumber(args[a + 4]), tonumber(args[a + 5])
  local rollups, samples = tonumber(args[a]), tonumber(args[a + 1])
  if not (series.key and rollups and samples and series.retention and series.keep) then return nil end
  if not (series.ignored_ms and series.ignored_change) then return nil end
  a = a + 6
  for r = 1, rollups do
    local rollup = { key = keys[k + r], aggregate = args[a], size = tonumber(args[a + 1]), retention = tonumber(args[a + 2]) }
    if not (rollup.key and rollup.size and rollup.size > 0 and rollup.retention) then return nil end
    series.rollups[r] = rollup
    a = a + 3
  end
  for s = 1, samples do
    local sample = { text = args[a], time = tonumber(args[a]), value = args[a + 1] }
    if not (sample.time and tonumber(sample.value)) then return nil end
    series.samples[s] = sample
    a = a + 2
  end
  return series, k + 1 + rollups, a
end

local function read_all(keys, args)
  local all, k, a, series = {}, 1, 1, nil
  while a <= #args do
    series, k, a = read_series(keys, args, k, a)
    if not series then return nil end
    all[#all + 1] = series
  end
  return all
end

local function is_set(key)
  local kind = redis.call('TYPE', key)
  kind = kind.ok or kind
  return kind == 'zset' or kind == 'none'
end

local function check_types(series)
  series.usable = is_set(series.key)
  for _, rollup in ipairs(series.rollups) do
    series.usable = series.usable and is_set(rollup.key)
  end
end

local function put(key, time, value, keep)
  local same = redis.call('ZRANGEBYSCORE', key, time, time)[1]
  if same then
    if keep(value_of(same), value) ~= value then return end
    redis.call('ZREM', key, same)
  end
  redis.call('ZADD', key, time, time .. ':' .. value)
end

local function is_ignored(series, last, sample)
  if series.ignored_ms < 0 or not last or sample.time < last or sample.time - last > series.ignored_ms then return false end
  local latest = redis.call('ZREVRANGE', series.key, 0, 0)[1]
  return math.abs(tonumber(sample.value) - tonumber(value_of(latest))) <= series.ignored_change
end

local function trim(key, from)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. whole(from))
end

local function touch(changed, rollups, time)
  for _, rollup in ipairs(rollups) do
    local starts = changed[rollup.size] or {}
    changed[rollup.size] = starts
    starts[bucket_of(time, rollup.size)] = true
  end
end

local function add_samples(series, answers)
  local changed, last = {}, last_of(series.key)
  if last then touch(changed, series.rollups, last) end
  for _, sample in ipairs(series.samples) do
    if last and series.retention > 0 and last - sample.time > series.retention then
      answers[#answers + 1] = 'old'
    elseif is_ignored(series, last, sample) then
      answers[#answers + 1] = 'ok'
    else
      if last and sample.time <= last then
        put(series.key, sample.text, sample.value, series.keep)
      else
        redis.call('ZADD', series.key, sample.text, sample.text .. ':' .. sample.value)
        last = sample.time
      end
      touch(changed, series.rollups, sample.time)
      answers[#answers + 1] = 'ok'
    end
  end
  return changed, last
end

local function summarise(key, start, size)
  local members = redis.call('ZRANGEBYSCORE', key, whole(start), '(' .. whole(start + size))
  if #members == 0 then return nil end
  local sum, least, most, value = 0, nil, nil, nil
  for i = 1, #members do
    value = tonumber(value_of(members[i]))
    sum = sum + value
    if not least or value < least then least = value end
    if not most or value > most then most = value end
  end
  return { avg = sum / #members, sum = sum, min = least, max = most, count = #members, last = value }
end

local function roll_up(series, changed, last)
  for size, starts in pairs(changed) do
    for start in pairs(starts) do
      -- The bucket of the latest sample is not complete.
      local found = start < bucket_of(last, size) and summarise(series.key, start, size)
      for _, rollup in ipairs(series.rollups) do
        if found and rollup.size == size then
          put(rollup.key, whole(start), string.format('%.17g', found[rollup.aggregate]), KEEP.last)
        end
      end
    end
  end
end

local function forget(series, last)
  for _, rollup in ipairs(series.rollups) do
    local latest = rollup.retention > 0 and last_of(rollup.key)
    if latest then trim(rollup.key, latest - rollup.retention) end
  end
  if series.retention == 0 then return end
  local from = last - series.retention
  for _, rollup in ipairs(series.rollups) do
    from = math.min(from, bucket_of(last - series.retention, rollup.size))
  end
  trim(series.key, from)
end

local function add(keys, args)
  local all = read_all(keys, args)
  if not all then return redis.error_reply('ERR millrace: bad arguments of add') end
  for _, series in ipairs(all) do check_types(series) end
  local answers = {}
  for _, series in ipairs(all) do
    if series.usable then
      local changed, last = add_samples(series, answers)
      if last then
        roll_up(series, changed, last)
        forget(series, last)
      end
    else
      for _ = 1, #series.samples do answers[#answers + 1] = 'type' end
    end
  end
  return answers
end
`;

/**
 * `range`: members of a series.
 *
 * KEYS  the series
 * ARGV  from, to (or `+inf`), retention in ms, most members
 */
export const RANGE = `
local function range(keys, args)
  local from, retention = tonumber(args[1]), tonumber(args[3])
  local last = retention > 0 and last_of(keys[1])
  if last then from = math.max(from, last - retention) end
  return redis.call('ZRANGEBYSCORE', keys[1], whole(from), args[2], 'LIMIT', 0, args[4])
end
`;
