/**
 * What the Functions share about numbers. Redis does not roll a Function back, so every number is looked at before the first
 * write; and what is stored may have been written by anybody, or by a server whose clock was wrong.
 */
export const NUMBERS = `
-- A whole number from 0 on in digits, else what is given for that. Lua alone also takes nan, inf, 1e308 and 0x10.
local function whole_in(text, otherwise)
  if text and #text <= 15 and string.find(text, '^%d+$') then return tonumber(text) end
  return otherwise
end

local function bad_arguments(name)
  return redis.error_reply('ERR millrace: bad arguments of ' .. name)
end

-- Ten years: what is further away is no time of ours.
local LONGEST_DELAY = 315360000000
-- Lua hands over no more than 8,000 arguments at once: what a command that cannot be divided may have, and others get.
local MOST_WORDS = 7000
local ARGUMENTS = 1000

-- Calls visit with as many parts of a list as it takes, each with at most so many items.
local function in_parts(items, most, visit)
  for from = 1, #items, most do
    visit({ unpack(items, from, math.min(#items, from + most - 1)) })
  end
end

-- As a decimal number is compared however long it is: Lua's are exact to 2^53 only, an id has two of 2^64.
local function is_less(a, b)
  if #a ~= #b then return #a < #b end
  return a < b
end

local function plus_one(digits)
  local head, last, nines = string.match(digits, '^(%d*)([0-8])(9*)$')
  if not head then return '1' .. string.rep('0', #digits) end
  return head .. (tonumber(last) + 1) .. string.rep('0', #nines)
end

local LAST = '18446744073709551615'

local function id_parts(id)
  return string.match(id, '^(%d+)%-(%d+)$')
end

local function is_before(a, b)
  local a_ms, a_seq = id_parts(a)
  local b_ms, b_seq = id_parts(b)
  if a_ms ~= b_ms then return is_less(a_ms, b_ms) end
  return is_less(a_seq, b_seq)
end

-- The id after this one; of the last that there is, that one.
local function id_after(id)
  local ms, seq = id_parts(id)
  if seq ~= LAST then return ms .. '-' .. plus_one(seq) end
  return ms == LAST and id or plus_one(ms) .. '-0'
end
`;
