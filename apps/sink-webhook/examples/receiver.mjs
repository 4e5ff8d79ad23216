// A webhook receiver without dependencies, to start yours from: verifies Standard Webhooks signatures
// (https://www.standardwebhooks.com), answers 204 for what is genuine, 401 for the rest, and its counts to any GET.
//
//   WEBHOOK_SECRET=whsec_… PORT=8099 node receiver.mjs
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const secret = Buffer.from((process.env.WEBHOOK_SECRET ?? '').replace(/^whsec_/, ''), 'base64');
const LATEST_S = 5 * 60;

/** Whether one of the signatures is ours, over `id.timestamp.body`, and recent: an old request may be a replay. */
const isGenuine = ({ headers }, body) => {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures = '' } = headers;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > LATEST_S) return false;
  const ours = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest();
  return signatures.split(' ').some((signature) => {
    const theirs = Buffer.from(signature.replace(/^v1,/, ''), 'base64');
    return theirs.length === ours.length && timingSafeEqual(theirs, ours);
  });
};

// A webhook may come more than once; its id stays the same. Yours belong in your database, beside what you do with them.
const seen = new Set();
let received = 0;
let verified = 0;

const counts = () => ({ received, verified, invalid: received - verified, distinct: seen.size });

const server = createServer(async (request, response) => {
  if (request.method === 'GET') {
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(counts()));
  }
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const genuine = isGenuine(request, Buffer.concat(chunks));
  received += 1;
  if (genuine) {
    verified += 1;
    seen.add(request.headers['webhook-id']);
  }
  response.writeHead(genuine ? 204 : 401).end();
});

server.listen(Number(process.env.PORT ?? 8099), () => console.log(`receiving on port ${server.address().port}`));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0));
