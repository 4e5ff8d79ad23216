import { Redis } from 'ioredis';
import { makeGroup, topicKey } from './functions.mjs';

/**
 * What the sinks of the floor have in common: a group on each topic, then what `XREADGROUP` answers, for ever, as a list
 * of [key, rows]. Says `ready` on the standard output first.
 */
export async function* readTopics(url, topics, count) {
  const redis = new Redis(url);
  const keys = topics.map(topicKey);
  for (const key of keys) await makeGroup(redis, key, 'sink');
  process.once('SIGTERM', () => process.exit(0));
  process.stdout.write('ready\n');
  for (;;) {
    const answer = await redis.xreadgroup(
      ...['GROUP', 'sink', 'one', 'COUNT', count, 'BLOCK', 5000, 'STREAMS', ...keys],
      ...keys.map(() => '>'),
    );
    if (answer !== null) yield answer;
  }
}

/** Acknowledges all rows of an answer. */
export const acknowledge = (redis, answer) =>
  Promise.all(answer.map(([key, rows]) => redis.xack(key, 'sink', ...rows.map(([id]) => id))));
