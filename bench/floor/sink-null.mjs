/**
 * The bare floor of a sink that does nothing: read, acknowledge.
 *
 *   REDIS_URL, FLOOR_TOPICS=a,b
 */
import { Redis } from 'ioredis';
import { makeGroup, topicKey } from './functions.mjs';

const { REDIS_URL, FLOOR_TOPICS } = process.env;
const reading = new Redis(REDIS_URL);
const redis = new Redis(REDIS_URL);
const keys = FLOOR_TOPICS.split(',').map(topicKey);
for (const key of keys) await makeGroup(redis, key, 'sink');
process.stdout.write('ready\n');
process.once('SIGTERM', () => process.exit(0));

for (;;) {
  const answer = await reading.xreadgroup(
    ...['GROUP', 'sink', 'one', 'COUNT', 500, 'BLOCK', 5000, 'STREAMS', ...keys],
    ...keys.map(() => '>'),
  );
  if (answer === null) continue;
  await Promise.all(answer.map(([key, rows]) => redis.xack(key, 'sink', ...rows.map(([id]) => id))));
}
