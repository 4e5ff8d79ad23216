/**
 * `replay`: hands retained events to one group again, and notes how far it came, in one step.
 *
 * KEYS  again, progress
 * ARGV  position that the progress is at ('' at the beginning), position that it will be at, events that were looked at,
 *       then for each event: type, json, stream and position that it came from
 * Gives 1, or 0 where the progress is somewhere else: another process goes on with this replay. The progress has no age:
 * one that was lost would begin anew, and hand over everything twice.
 */
export const REPLAY = `
local function replay(keys, args)
  for k, wanted in ipairs({ 'stream', 'hash' }) do
    local fits, kind = type_is(keys[k], wanted)
    if not fits then return redis.error_reply('WRONGTYPE ' .. keys[k] .. ' holds a ' .. kind) end
  end
  if not whole_in(args[3]) or #args % 4 ~= 3 then return bad_arguments('replay') end
  if (redis.call('HGET', keys[2], 'at') or '') ~= args[1] then return 0 end
  for i = 4, #args, 4 do
    redis.call('XADD', keys[1], '*', 'type', args[i], 'event', args[i + 1], 'stream', args[i + 2], 'position', args[i + 3])
  end
  redis.call('HSET', keys[2], 'at', args[2])
  count_up(keys[2], 'looked', args[3])
  count_up(keys[2], 'sent', math.floor((#args - 3) / 4))
  redis.call('PERSIST', keys[2])
  return 1
end
`;
