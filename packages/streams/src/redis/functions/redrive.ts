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
  local letters, i = {}, 1
  while i <= #args do
    local count = whole_in(args[i + 1])
    if not count or count < 2 or count > MOST_WORDS or i + 1 + count > #args then return bad_arguments('redrive') end
    letters[#letters + 1] = { id = args[i], fields = { unpack(args, i + 2, i + 1 + count) } }
    i = i + 2 + count
  end
  local moved = 0
  for _, letter in ipairs(letters) do
    if redis.call('XDEL', keys[1], letter.id) == 1 then
      redis.call('XADD', keys[2], '*', unpack(letter.fields))
      moved = moved + 1
    end
  end
  return moved
end
`;
