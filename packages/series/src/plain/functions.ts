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
-- Lua takes nan and inf for numbers, and Redis half of them for scores: what is none is known before the first write.
local function finite(text)
  local number = tonumber(text)
  if not number or number ~= number or number == math.huge or number == -math.huge then return nil end
  return number
end

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
  local series = { key = keys[k], rollups = {}, samples = {}, retention = finite(args[a + 2]), keep = KEEP[args[a + 3]] }
  series.ignored_ms, series.ignored_change = finite(args[a + 4]), finite(args[a + 5])
  local rollups, samples = finite(args[a]), finite(args[a + 1])
  if not (series.key and rollups and samples and series.retention and series.keep) then return nil end
  if not (series.ignored_ms and series.ignored_change) then return nil end
  a = a + 6
  for r = 1, rollups do
    local rollup = { key = keys[k + r], aggregate = args[a], size = finite(args[a + 1]), retention = finite(args[a + 2]) }
    if not (rollup.key and rollup.size and rollup.size > 0 and rollup.retention) then return nil end
    series.rollups[r] = rollup
    a = a + 3
  end
  for s = 1, samples do
    local sample = { text = args[a], time = finite(args[a]), value = args[a + 1] }
    if not (sample.time and finite(sample.value)) then return nil end
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

-- Whether it was written, and which value it replaced.
local function put(key, time, value, keep)
  local same = redis.call('ZRANGEBYSCORE', key, time, time)[1]
  local old = same and value_of(same)
  if same then
    if keep(old, value) ~= value then return false end
    redis.call('ZREM', key, same)
  end
  redis.call('ZADD', key, time, time .. ':' .. value)
  return true, old
end

local function is_ignored(series, last, sample)
  if series.ignored_ms < 0 or not last or sample.time < last or sample.time - last > series.ignored_ms then return false end
  local latest = redis.call('ZREVRANGE', series.key, 0, 0)[1]
  return math.abs(tonumber(sample.value) - tonumber(value_of(latest))) <= series.ignored_change
end

local function trim(key, from)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. whole(from))
end

-- Notes the buckets of a time as changed: by a late sample in the place of an old value or of none, or as a whole.
local function touch(changed, rollups, time, late)
  local noted = {}
  for _, rollup in ipairs(rollups) do
    local size = rollup.size
    if not noted[size] then
      noted[size] = true
      local starts = changed[size] or {}
      changed[size] = starts
      local start = bucket_of(time, size)
      local bucket = starts[start] or { late = {}, whole = false }
      starts[start] = bucket
      if late then bucket.late[#bucket.late + 1] = late else bucket.whole = true end
    end
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
        local is_new, old = put(series.key, sample.text, sample.value, series.keep)
        if is_new then touch(changed, series.rollups, sample.time, { value = tonumber(sample.value), old = tonumber(old) }) end
      else
        redis.call('ZADD', series.key, sample.text, sample.text .. ':' .. sample.value)
        last = sample.time
        touch(changed, series.rollups, sample.time)
      end
      answers[#answers + 1] = 'ok'
    end
  end
  return changed, last
end

-- A power of two, so that nothing is rounded: the sum of values by it stays finite where that of the values does not.
local SCALE = 2 ^ -20

local function is_finite(value)
  return value - value == 0
end

local function summarise(key, start, size)
  local members = redis.call('ZRANGEBYSCORE', key, whole(start), '(' .. whole(start + size))
  if #members == 0 then return nil end
  local sum, scaled, least, most, value = 0, 0, nil, nil, nil
  for i = 1, #members do
    value = tonumber(value_of(members[i]))
    sum = sum + value
    scaled = scaled + value * SCALE
    if not least or value < least then least = value end
    if not most or value > most then most = value end
  end
  local avg = is_finite(sum) and sum / #members or scaled / #members / SCALE
  return { avg = avg, sum = sum, min = least, max = most, count = #members, last = value }
end

-- Beyond so many samples a late one changes the points of its bucket, in place of all samples being read again.
local MOST_READ = 1000

-- The greatest (sign 1) or least (sign -1) value after late samples; nil where the one that it was is replaced.
local function extreme(sign, point, late)
  for _, sample in ipairs(late) do
    if sample.old and sign * sample.old >= sign * point then return nil end
    if sign * sample.value > sign * point then point = sample.value end
  end
  return point
end

local ADJUST = {
  count = function(_, _, count) return count end,
  sum = function(point, late)
    for _, sample in ipairs(late) do point = point + (sample.value - (sample.old or 0)) end
    return point
  end,
  avg = function(point, late, count)
    local before = count
    for _, sample in ipairs(late) do if not sample.old then before = before - 1 end end
    point = point * (before / count)
    for _, sample in ipairs(late) do point = point + (sample.value / count - (sample.old or 0) / count) end
    return point
  end,
  min = function(point, late) return extreme(-1, point, late) end,
  max = function(point, late) return extreme(1, point, late) end,
  last = function(_, _, _, key, start, size)
    return tonumber(value_of(redis.call('ZREVRANGEBYSCORE', key, '(' .. whole(start + size), whole(start), 'LIMIT', 0, 1)[1]))
  end,
}

-- The points of a bucket by rollup after late samples, without a look at the others; nil where that cannot be.
local function adjusted(series, start, size, bucket)
  if bucket.whole then return nil end
  local count = redis.call('ZCOUNT', series.key, whole(start), '(' .. whole(start + size))
  if count <= MOST_READ then return nil end
  local points = {}
  for r, rollup in ipairs(series.rollups) do
    if rollup.size == size then
      local point = redis.call('ZRANGEBYSCORE', rollup.key, whole(start), whole(start))[1]
      local value = point and ADJUST[rollup.aggregate](tonumber(value_of(point)), bucket.late, count, series.key, start, size)
      if not value or not is_finite(value) then return nil end
      points[r] = value
    end
  end
  return points
end

local function summarised(series, start, size)
  local found, points = summarise(series.key, start, size), {}
  for r, rollup in ipairs(series.rollups) do
    if found and rollup.size == size then points[r] = found[rollup.aggregate] end
  end
  return points
end

local function roll_up(series, changed, last)
  for size, starts in pairs(changed) do
    for start, bucket in pairs(starts) do
      -- The bucket of the latest sample is not complete.
      local points = start < bucket_of(last, size) and (adjusted(series, start, size, bucket) or summarised(series, start, size))
      for r, rollup in ipairs(series.rollups) do
        -- A sum that no double holds is left out.
        if points and points[r] and is_finite(points[r]) then
          put(rollup.key, whole(start), string.format('%.17g', points[r]), KEEP.last)
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
  local from, retention = finite(args[1]), finite(args[3])
  if not (from and retention and finite(args[4])) then return redis.error_reply('ERR millrace: bad arguments of range') end
  local last = retention > 0 and last_of(keys[1])
  if last then from = math.max(from, last - retention) end
  return redis.call('ZRANGEBYSCORE', keys[1], whole(from), args[2], 'LIMIT', 0, args[4])
end
`;
