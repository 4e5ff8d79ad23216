/**
 * The bare floor of a sink that does nothing: read, acknowledge.
 *
 *   REDIS_URL, FLOOR_TOPICS=a,b
 */
import { Redis } from 'ioredis';
import { acknowledge, readTopics } from './read-topics.mjs';

const { REDIS_URL, FLOOR_TOPICS } = process.env;
const redis = new Redis(REDIS_URL);

for await (const answer of readTopics(REDIS_URL, FLOOR_TOPICS.split(','), 500)) {
  await acknowledge(redis, answer);
}
