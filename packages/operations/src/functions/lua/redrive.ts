/**
 * `redrive`: moves dead letters to the group's \`again\` stream, to be tried once more.
 *
 * KEYS  dead letters, again
 * ARGV  for each: id of the dead letter, count of fields, the fields of the new entry
 * Gives how many were moved. One that is not there any more, moved or purged by another client, is left out.
 *
 * `redrive_step`: the same as one step of a job, and notes how far it came.
 *
 * KEYS  dead letters, again, progress (a hash)
 * ARGV  field of the progress, position that it is at ('' at the beginning), position that it will be at, how many dead
 *       letters of the step have no payload; then the dead letters as above
 * Gives how many were moved, or -1 where the progress is somewhere else: then nothing was done.
 */
export const REDRIVE = `
local function letters_in(args, first)
  local letters, i = {}, first
  while i <= #args do
    local count = whole_in(args[i + 1])
    if not count or count < 2 or count > MOST_WORDS or i + 1 + count > #args then return nil end
    letters[#letters + 1] = { id = args[i], fields = { unpack(args, i + 2, i + 1 + count) } }
    i = i + 2 + count
  end
  return letters
end

local function move_letters(dead, again, letters)
  local moved = 0
  for _, letter in ipairs(letters) do
    if redis.call('XDEL', dead, letter.id) == 1 then
      redis.call('XADD', again, '*', unpack(letter.fields))
      moved = moved + 1
    end
  end
  return moved
end

local function redrive(keys, args)
  for _, key in ipairs(keys) do
    local fits, kind = type_is(key, 'stream')
    if not fits then return redis.error_reply('WRONGTYPE ' .. key .. ' holds a ' .. kind) end
  end
  local letters = letters_in(args, 1)
  if not letters then return bad_arguments('redrive') end
  return move_letters(keys[1], keys[2], letters)
end

local function redrive_step(keys, args)
  for k, wanted in ipairs({ 'stream', 'stream', 'hash' }) do
    local fits, kind = type_is(keys[k], wanted)
    if not fits then return redis.error_reply('WRONGTYPE ' .. keys[k] .. ' holds a ' .. kind) end
  end
  local without, letters = whole_in(args[4]), letters_in(args, 5)
  if not (without and letters) then return bad_arguments('redrive_step') end
  if (redis.call('HGET', keys[3], args[1]) or '') ~= args[2] then return -1 end
  local moved = move_letters(keys[1], keys[2], letters)
  redis.call('HSET', keys[3], args[1], args[3])
  count_up(keys[3], 'redriven', moved)
  count_up(keys[3], 'without', without)
  return moved
end
`;
