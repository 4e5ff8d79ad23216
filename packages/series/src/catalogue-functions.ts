/**
 * `register`: specs of series, up to a limit that holds whatever processes add at the same time.
 *
 * KEYS  the catalogue
 * ARGV  most series (0: no limit); then for each series: name, spec
 * Gives the numbers, from 1, of the series that are new and too many.
 */
export const REGISTER = `
local function register(keys, args)
  local most, refused = tonumber(args[1]), {}
  if not most or most ~= most or #args % 2 == 0 then return redis.error_reply('ERR millrace: bad arguments of register') end
  local room = most > 0 and most - redis.call('HLEN', keys[1])
  for i = 2, #args, 2 do
    local is_new = redis.call('HEXISTS', keys[1], args[i]) == 0
    if is_new and room and room <= 0 then
      refused[#refused + 1] = i / 2
    else
      redis.call('HSET', keys[1], args[i], args[i + 1])
      if is_new and room then room = room - 1 end
    end
  end
  return refused
end
`;
