/** What Functions begin with: the type of a key, the clock of Redis, and who has what was released. */
export const BASE = `
local function type_is(key, wanted)
  local kind = redis.call('TYPE', key).ok
  return kind == wanted or kind == 'none', kind
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- What nobody has in flight is pending under this name until a consumer claims it.
local RELEASED = 'released'
`;
