/**
 * The bare floor of the gateway: HTTP in, XADD out, nothing else. Takes NDJSON, a JSON array or one event; appends what
 * came in one turn of the event loop in one call. No validation but a parse, no backpressure; no deduplication, unless it
 * is to append as the product does.
 *
 *   PORT, REDIS_URL, FLOOR_HTTP=node|fastify, FLOOR_APPEND=bare|same
 */
import { hash } from 'node:crypto';
import { createServer } from 'node:http';
import { RedisTransport } from '@millrace/streams/redis';
import fastify from 'fastify';
import { Redis } from 'ioredis';
import { INBOX, loadFunctions } from './functions.mjs';

const { PORT, REDIS_URL, FLOOR_HTTP = 'node', FLOOR_APPEND = 'bare' } = process.env;
const redis = new Redis(REDIS_URL);
await loadFunctions(redis);

const { producer } = new RedisTransport({ url: REDIS_URL, frameMaxEvents: 100 });

const appendBare = (events) =>
  redis.call('FCALL', ['floor_append', 1, INBOX, ...events.flatMap(({ type, json }) => [type, json])]);

const appendSame = (events) =>
  producer.append({ name: 'in', partition: 0 }, events, {
    digests: events.map(({ source, id }) => [hash('md5', `event\n${source}\n${id}`, 'base64url')]),
  });

const write = FLOOR_APPEND === 'same' ? appendSame : appendBare;
let waiting = [];
let batch;

/** Resolves when the events are in the stream. */
const append = (events) => {
  if (waiting.length === 0) {
    batch = new Promise((resolve, reject) => {
      setImmediate(() => {
        const all = waiting;
        waiting = [];
        write(all).then(resolve, reject);
      });
    });
  }
  for (const one of events) waiting.push(one);
  return batch;
};

const eventOf = (json) => {
  const { type, source, id } = JSON.parse(json);
  return { type, source, id, json };
};

const eventsOf = (contentType, text) => {
  if (contentType === 'application/x-ndjson') return text.split('\n').filter(Boolean).map(eventOf);
  if (!text.startsWith('[')) return [eventOf(text)];
  return JSON.parse(text).map(({ type, source, id, ...rest }) => ({
    type,
    source,
    id,
    json: JSON.stringify({ type, source, id, ...rest }),
  }));
};

const take = async (contentType, text) => {
  const events = eventsOf(contentType, text);
  await append(events);
  return `{"accepted":${events.length}}`;
};

if (FLOOR_HTTP === 'fastify') {
  const app = fastify();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 64 * 1024 * 1024 }, (_request, body, done) =>
    done(null, body),
  );
  app.post('/v1/events', async (request, reply) => {
    const answer = await take(request.headers['content-type'], request.body);
    return reply.code(202).type('application/json').send(answer);
  });
  await app.listen({ port: Number(PORT), host: '127.0.0.1' });
} else {
  createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => (text += chunk));
    request.on('end', async () => {
      const answer = await take(request.headers['content-type'], text);
      response.writeHead(202, { 'content-type': 'application/json', 'content-length': answer.length });
      response.end(answer);
    });
  }).listen(Number(PORT), '127.0.0.1');
}
process.stdout.write('ready\n');
process.once('SIGTERM', () => process.exit(0));
