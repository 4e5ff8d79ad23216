/**
 * What a parked delivery has. What is no payload of ours goes on as it is, for its reader to make a dead letter of it: what
 * cannot be moved would be in the way of all.
 */
export const PARKED = `
local MOST_FIELDS = 100

local function parked_fields(name, payload)
  if not payload then return { 'parked', name } end
  local is_json, fields = pcall(cjson.decode, payload)
  local is_ours = is_json and type(fields) == 'table' and #fields > 0 and #fields <= MOST_FIELDS and #fields % 2 == 0
  for _, field in ipairs(is_ours and fields or {}) do is_ours = is_ours and type(field) == 'string' end
  return is_ours and fields or { 'parked', name, 'payload', payload }
end
`;
