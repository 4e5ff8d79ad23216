/**
 * `denied`: which commands the user who calls may not run. Redis 7.0 does not say which command of a Function it refused.
 *
 * KEYS  those of the Function
 * ARGV  commands
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
    if not permitted({ name }, keys) then found[#found + 1] = name end
  end
  return found
end
`;

/** Whether it is the error of a command, or of a Function's command, that this user may not run. */
export const isDenied = (error: unknown): boolean =>
  /^(Redis: )?NOPERM|can't run this command|ACL failure in script|Unknown Redis command/i.test(
    (error as Error).message,
  );
