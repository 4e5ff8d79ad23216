/**
 * The bare floor of the TimeSeries sink on a Redis without the module: read, add each sample to a sorted set,
 * acknowledge. No rollups, no retention.
 *
 *   REDIS_URL, FLOOR_TOPICS=a,b
 */
import { Redis } from 'ioredis';
import { readTopics } from './read-topics.mjs';

const { REDIS_URL, FLOOR_TOPICS } = process.env;
const redis = new Redis(REDIS_URL);

for await (const answer of readTopics(REDIS_URL, FLOOR_TOPICS.split(','), 500)) {
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
