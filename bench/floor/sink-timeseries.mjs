/**
 * The bare floor of the TimeSeries sink on a Redis without the module: read, add each sample to a sorted set,
 * acknowledge. No rollups, no retention.
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
  const pipeline = redis.pipeline();
  for (const [key, rows] of answer) {
    for (const [, fields] of rows) {
      const event = JSON.parse(fields[3]);
      const time = Date.parse(event.time);
      pipeline.zadd(`floor:series:${event.type}`, time, `${time}:${event.data.n}`);
    }
    pipeline.xack(key, 'sink', ...rows.map(([id]) => id));
  }
  await pipeline.exec();
}
