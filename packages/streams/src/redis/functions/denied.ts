/**
 * `denied`: which commands the user who calls may not run, or the server does not have.
 *
 * ARGV  commands, those with two names with a space between them
 *
 * A Function that is refused a command in its midst leaves what it has written, and Redis 7.0 does not say which command it was.
 */
export const DENIED = `
local function denied(keys, args)
  local found = {}
  if not redis.acl_check_cmd then return found end
  for _, name in ipairs(args) do
    local words = {}
    for word in string.gmatch(name, '%S+') do words[#words + 1] = word end
    local is_known, is_allowed = pcall(redis.acl_check_cmd, unpack(words))
    if not is_known or not is_allowed then found[#found + 1] = name end
  end
  return found
end
`;
