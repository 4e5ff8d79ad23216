/**
 * `denied`: which commands the user who calls may not run, or the server does not have.
 *
 * KEYS  those of the function that runs them
 * ARGV  commands, those with two names with a space between them
 *
 * A Function that is refused a command in its midst leaves what it has written, and Redis 7.0 does not say which command it was.
 */
export const DENIED = `
-- Redis from 8.0 on looks at the number of arguments too, and so at the keys among them: there it is asked with each of ours.
local function permitted(words, keys)
  local is_known, answer = pcall(redis.acl_check_cmd, unpack(words))
  if is_known then return answer end
  local function is_too_few()
    local message = type(answer) == 'table' and answer.err or tostring(answer)
    return string.find(message, 'Wrong number of args', 1, true) ~= nil
  end
  if not is_too_few() then return false end
  for _, key in ipairs(keys) do
    local asked = { unpack(words) }
    asked[#asked + 1] = key
    for _ = 1, 6 do
      is_known, answer = pcall(redis.acl_check_cmd, unpack(asked))
      if is_known or not is_too_few() then break end
      asked[#asked + 1] = '1'
    end
    if is_known and answer then return true end
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
