/**
 * `take`: tokens from a bucket that fills evenly, by the clock of Redis.
 *
 * KEYS  bucket
 * ARGV  tokens that it holds, ms in which it fills, tokens that are needed, further ones that would be welcome
 * Gives { 1, how many of the further ones were given, tokens left }, or { 0, ms until there are enough, tokens left }. What
 * is needed is given whole or not at all. More than the bucket holds is given when it is full, as a debt that fills first.
 */
export const TAKE = `
local function take(keys, args)
  local fits, kind = type_is(keys[1], 'hash')
  if not fits then return redis.error_reply('WRONGTYPE ' .. keys[1] .. ' holds a ' .. kind) end
  local size, window = whole_in(args[1]), whole_in(args[2])
  local needed, welcome = whole_in(args[3]), whole_in(args[4])
  if not (size and window and needed and welcome) or size < 1 or window < 1 then return bad_arguments('take') end
  local now = now_ms()
  local state = redis.call('HMGET', keys[1], 'tokens', 'at')
  local tokens, at = tonumber(state[1] or size), whole_in(state[2], now)
  if not tokens or tokens ~= tokens then tokens = size end
  -- A clock that was put back fills nothing, and takes nothing; from then on it counts.
  if at > now then
    at = now
    redis.call('HSET', keys[1], 'at', string.format('%.0f', now))
  end
  -- The debt of a request is at most what it needed.
  tokens = math.max(-1e15, math.min(size, tokens + (now - at) * size / window))
  local enough = math.min(needed, size)
  if tokens < enough then return { 0, math.ceil((enough - tokens) * window / size), math.floor(tokens) } end
  local more = math.max(0, math.min(welcome, math.floor(tokens - needed)))
  tokens = tokens - needed - more
  redis.call('HSET', keys[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.0f', now))
  -- By then it is full, as one that is not there.
  redis.call('PEXPIRE', keys[1], math.ceil((size - tokens) * window / size) + 1000)
  return { 1, more, math.floor(tokens) }
end
`;
