/**
 * The bare floor of the gateway: HTTP in, XADD out, nothing else. Takes NDJSON, a JSON array or one event; appends what
 * came in one turn of the event loop in one call. No validation but a parse, no deduplication, no backpressure.
 *
 *   PORT, REDIS_URL, FLOOR_HTTP=node|fastify
 */
import { createServer } from 'node:http';
import fastify from 'fastify';
import { Redis } from 'ioredis';
import { INBOX, loadFunctions } from './functions.mjs';

const { PORT, REDIS_URL, FLOOR_HTTP = 'node' } = process.env;
const redis = new Redis(REDIS_URL);
await loadFunctions(redis);

let waiting = [];
let batch;

/** Resolves when the pairs of type and event are in the stream. */
const append = (pairs) => {
  if (waiting.length === 0) {
    batch = new Promise((resolve, reject) => {
      setImmediate(() => {
        const args = waiting;
        waiting = [];
        redis.call('FCALL', 'floor_append', 1, INBOX, ...args).then(resolve, reject);
      });
    });
  }
  for (const one of pairs) waiting.push(one);
  return batch;
};

const pairsOf = (contentType, text) => {
  if (contentType === 'application/x-ndjson') {
    const pairs = [];
    for (const line of text.split('\n')) if (line !== '') pairs.push(JSON.parse(line).type, line);
    return pairs;
  }
  const value = JSON.parse(text);
  return Array.isArray(value) ? value.flatMap((event) => [event.type, JSON.stringify(event)]) : [value.type, text];
};

const take = async (contentType, text) => {
  const pairs = pairsOf(contentType, text);
  await append(pairs);
  return `{"accepted":${pairs.length / 2}}`;
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
