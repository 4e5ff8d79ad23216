/**
 * `denied`: which commands the user who calls may not run. Redis 7.0 does not say which command of a Function it refused.
 *
 * ARGV  commands
 */
export const DENIED = `
local function denied(keys, args)
  local found = {}
  for _, name in ipairs(args) do
    local is_known, is_allowed = pcall(redis.acl_check_cmd, name)
    if not is_known or not is_allowed then found[#found + 1] = name end
  end
  return found
end
`;

/** Whether it is the error of a Function that was refused a command. */
export const isDenied = (error: unknown): boolean =>
  /can't run this command|ACL failure in script|Unknown Redis command/i.test((error as Error).message);
