/**
 * The bare floor of the webhook sink: read, sign as Standard Webhooks has it, send 64 at once, acknowledge.
 *
 *   REDIS_URL, FLOOR_TOPICS=a,b, WEBHOOK_URL, WEBHOOK_SECRET
 */
import { createHmac } from 'node:crypto';
import { Redis } from 'ioredis';
import { Pool } from 'undici';
import { readTopics } from './read-topics.mjs';

const { REDIS_URL, FLOOR_TOPICS, WEBHOOK_URL, WEBHOOK_SECRET } = process.env;
const AT_ONCE = 64;
const redis = new Redis(REDIS_URL);
const { origin, pathname } = new URL(WEBHOOK_URL);
const pool = new Pool(origin, { connections: AT_ONCE, pipelining: 1 });
const key = Buffer.from(WEBHOOK_SECRET.slice('whsec_'.length), 'base64');

const send = async (id, body) => {
  const timestamp = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  const headers = {
    'content-type': 'application/cloudevents+json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
  const answer = await pool.request({ method: 'POST', path: pathname, headers, body });
  await answer.body.dump();
};

for await (const answer of readTopics(REDIS_URL, FLOOR_TOPICS.split(','), AT_ONCE)) {
  for (const [stream, rows] of answer) {
    await Promise.all(rows.map(([id, fields]) => send(id, fields[3])));
    await redis.xack(stream, 'sink', ...rows.map(([id]) => id));
  }
}
