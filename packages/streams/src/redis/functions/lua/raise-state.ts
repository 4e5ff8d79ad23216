/** What is stored of the number of partitions, and of a raise in progress. */
export const RAISE_STATE = `
local LONGEST_RAISE = 5000
local MOST_STORED = 100000

-- What is no number of partitions is none.
local function stored_count(key)
  local count = whole_in(redis.call('HGET', key, 'count'), 0)
  return count <= MOST_STORED and count or 0
end

local function raise_of(key)
  local state = redis.call('HMGET', key, 'raise', 'to', 'until')
  if not state[1] then return '', 0, '' end
  local now, to, ends = now_ms(), whole_in(state[2]), whole_in(state[3], 0)
  -- A lease that is longer than any was given by a server whose clock was ahead.
  if ends > now + LONGEST_RAISE then
    ends = now + LONGEST_RAISE
    redis.call('HSET', key, 'until', ends)
  end
  if to and ends > now then return state[1], to, '' end
  redis.call('HDEL', key, 'raise', 'to', 'until')
  return '', 0, state[1]
end
`;
