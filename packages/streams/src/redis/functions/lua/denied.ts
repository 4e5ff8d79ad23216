/**
 * `denied`: which commands the user who calls may not run, or the server does not have.
 *
 * KEYS  those of the function that runs them
 * ARGV  commands, those with two names with a space between them
 *
 * A Function that is refused a command in its midst leaves what it has written, and Redis 7.0 does not say which command it was.
 */
export const DENIED = `
-- It is asked with a key of ours wherever one may stand: Redis up to 8.0 looks for keys behind the end of what it was given,
-- says what it finds there, and may die of it. Later ones look at the number of arguments too.
local function permitted(words, keys)
  for _, key in ipairs(keys) do
    for _, more in ipairs({ 4, 3, 2, 1, 5, 6, 7, 0 }) do
      local asked = { unpack(words) }
      for _ = 1, more do asked[#asked + 1] = key end
      local is_known, answer = pcall(redis.acl_check_cmd, unpack(asked))
      if is_known and answer then return true end
      if is_known then break end
      local message = type(answer) == 'table' and answer.err or tostring(answer)
      if not string.find(message, 'Wrong number of args', 1, true) then return false end
    end
  end
  return #keys == 0
end

local function denied(keys, args)
  local found = {}
  if not redis.acl_check_cmd then return found end
  for _, name in ipairs(args) do
    local words = {}
    for word in string.gmatch(name, '%S+') do words[#words + 1] = word end
    if not permitted(words, keys) then found[#found + 1] = name end
  end
  return found
end
`;
