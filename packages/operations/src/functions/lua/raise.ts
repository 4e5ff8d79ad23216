/**
 * Raises the number of partitions, of which `partitions.ts` of the transport says how it is stored.
 *
 * `raise`: begins a raise, or renews its lease.
 *   KEYS  hash            ARGV  raise, target, ms of the lease, 1 to begin
 *   Gives { 1, count }, or { 0, count } where another one is in progress, or this one is not any more.
 * `raised`: ends a raise. This alone decides: gates that are still closed by then follow the number.
 *   KEYS  hash            ARGV  raise, 1 where its target is the number from now on
 *   Gives 1, or 0 where it was not in progress any more.
 */
export const RAISE = `
local function raise(keys, args)
  local under_way = raise_of(keys[1])
  local count, to, ms = stored_count(keys[1]), whole_in(args[2]), whole_in(args[3])
  if not (to and ms and ms <= LONGEST_RAISE) then return bad_arguments('raise') end
  local begins = args[4] == '1' and under_way == '' and to > count
  if under_way ~= args[1] and not begins then return { 0, count } end
  redis.call('HSET', keys[1], 'raise', args[1], 'to', to, 'until', now_ms() + ms)
  return { 1, count }
end

local function raised(keys, args)
  local under_way, to = raise_of(keys[1])
  if under_way ~= args[1] then return 0 end
  if args[2] == '1' then redis.call('HSET', keys[1], 'count', to) end
  redis.call('HDEL', keys[1], 'raise', 'to', 'until')
  return 1
end
`;
