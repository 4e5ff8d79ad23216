/**
 * `redrive`: moves dead letters to the group's \`again\` stream, to be tried once more.
 *
 * KEYS  dead letters, again
 * ARGV  for each: id of the dead letter, count of fields, the fields of the new entry
 * Gives how many were moved. One that is not there any more, moved or purged by somebody else, is left out.
 */
export const REDRIVE = `
local function redrive(keys, args)
  for _, key in ipairs(keys) do
    local fits, kind = type_is(key, 'stream')
    if not fits then return redis.error_reply('WRONGTYPE ' .. key .. ' holds a ' .. kind) end
  end
  local i, moved = 1, 0
  while i <= #args do
    local fields = {}
    for f = 1, tonumber(args[i + 1]) do fields[f] = args[i + 1 + f] end
    if redis.call('XDEL', keys[1], args[i]) == 1 then
      redis.call('XADD', keys[2], '*', unpack(fields))
      moved = moved + 1
    end
    i = i + 2 + #fields
  end
  return moved
end
`;
