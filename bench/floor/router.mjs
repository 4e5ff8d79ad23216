/**
 * The bare floor of the router: by type, from a table, to topics. No fences, no retries, no patterns.
 *
 *   REDIS_URL, FLOOR_TOPICS=a,b
 */
import { Redis } from 'ioredis';
import { INBOX, loadFunctions, makeGroup, topicKey } from './functions.mjs';

const { REDIS_URL, FLOOR_TOPICS } = process.env;
const reading = new Redis(REDIS_URL);
const redis = new Redis(REDIS_URL);
await loadFunctions(redis);
await makeGroup(redis, INBOX, 'router');
const topics = FLOOR_TOPICS.split(',');
const keys = [INBOX, ...topics.map(topicKey)];
process.stdout.write('ready\n');
process.once('SIGTERM', () => process.exit(0));

for (;;) {
  const answer = await reading.xreadgroup(
    ...['GROUP', 'router', 'one', 'COUNT', 500, 'BLOCK', 5000],
    ...['STREAMS', INBOX, '>'],
  );
  if (answer === null) continue;
  const rows = answer[0][1];
  const args = ['router', rows.length];
  for (const [id] of rows) args.push(id);
  for (const [, fields] of rows) {
    for (let topic = 1; topic <= topics.length; topic += 1) args.push(topic, fields[1], fields[3]);
  }
  await redis.call('FCALL', 'floor_route', keys.length, ...keys, ...args);
}
