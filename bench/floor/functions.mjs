/** The Functions of the floor: the least that moves a batch in one call. They check nothing. */
const LIBRARY = `#!lua name=floor
redis.register_function('floor_append', function(keys, args)
  for i = 1, #args, 2 do redis.call('XADD', keys[1], '*', 'type', args[i], 'event', args[i + 1]) end
end)
redis.register_function('floor_route', function(keys, args)
  local count = tonumber(args[2])
  local ids = {}
  for i = 1, count do ids[i] = args[2 + i] end
  for i = 3 + count, #args, 3 do
    redis.call('XADD', keys[1 + tonumber(args[i])], '*', 'type', args[i + 1], 'event', args[i + 2])
  end
  redis.call('XACK', keys[1], args[1], unpack(ids))
end)`;

/** Loads them, whoever was first. */
export const loadFunctions = async (redis) => {
  await redis.call('FUNCTION', 'LOAD', 'REPLACE', LIBRARY);
};

export const INBOX = 'floor:in';
export const topicKey = (topic) => `floor:topic:${topic}`;

/** Makes a group where it is missing. */
export const makeGroup = async (redis, key, group) => {
  await redis.xgroup('CREATE', key, group, '0', 'MKSTREAM').catch(() => undefined);
};
