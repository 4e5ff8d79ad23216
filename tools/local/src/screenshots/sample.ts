import type { Lab, SinkList, Summary } from '@millrace/admin-api';
import { type Receiver, startReceiver, waitFor } from '@millrace/testkit';
import type { Stack } from '../stack/stack.js';
import { Admin } from './admin.js';

const SHOP = '/shop/checkout';
const REPOSITORY = '/acme/shop';
const LAB_TOPIC = 'unrouted';
const EVERY_MS = 120;

/** What the pictures point at. */
export interface Sample {
  /** An event that was tried again and given up. */
  readonly failed: { readonly source: string; readonly id: string };
  stop(): Promise<void>;
}

const order = (n: number): object => ({
  specversion: '1.0',
  id: `order-${n}`,
  source: SHOP,
  type: 'order.paid',
  subject: `customer-${n % 17}`,
  data: { amount: ((n * 37) % 900) + 20, currency: 'EUR', lines: [{ sku: `A-${n % 9}`, quantity: (n % 3) + 1 }] },
});

const push = (n: number): object => ({
  specversion: '1.0',
  id: `push-${n}`,
  source: REPOSITORY,
  type: 'github.push',
  subject: 'acme/shop',
  data: { ref: 'refs/heads/main', commits: [{ id: `c0ffee${n}`, message: `Price list ${n}` }], forced: n % 4 === 0 },
});

const reading = (n: number, value: unknown): object => ({
  specversion: '1.0',
  id: `reading-${n}`,
  source: 'buoy/7',
  type: 'weather.reading',
  data: { metric: 'water', value },
});

const send = async (gateway: string, events: readonly object[]): Promise<void> => {
  const response = await fetch(`${gateway}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify(events),
  });
  if (!response.ok) throw new Error(`the gateway answers ${response.status}: ${await response.text()}`);
};

/** Every part of the pipeline in a state worth a look: routes with a history, an endpoint that fails, a replay in progress. */
export const makeSample = async (stack: Stack): Promise<Sample> => {
  const admin = new Admin(stack.url('console'));
  const gateway = stack.url('gateway');
  const failing = await startReceiver({ secret: SECRET, respond: () => ({ status: 500 }) });
  await admin.ask('PUT', 'trace', { sample: 1 });
  await makeRoutes(admin);
  await makeEndpoint(admin, failing);
  await send(
    gateway,
    Array.from({ length: 2 }, (_, n) => push(n)),
  );
  await send(
    gateway,
    Array.from({ length: 5 }, (_, n) => reading(n, 'n/a')),
  );
  await waitFor(async () => (await admin.ask<Summary>('GET', 'summary')).deadLetters >= 7, {
    what: 'dead letters to look at',
    timeoutMs: 60_000,
    everyMs: 200,
  });
  // Its breaker opens on these: they wait.
  await send(
    gateway,
    Array.from({ length: 6 }, (_, n) => push(n + 2)),
  );
  await makeLab(admin);
  await admin.ask('POST', 'replays', { topic: 'github', sink: 'sink-postgres', perSecond: 2 });
  await admin.ask('POST', 'dead-letters/redrive', { filter: { group: 'hook.mirror' }, perSecond: 1 });
  const stopSending = keepSending(gateway);
  return {
    failed: { source: REPOSITORY, id: 'push-1' },
    stop: async () => {
      await stopSending();
      await failing.stop();
    },
  };
};

const SECRET = `whsec_${Buffer.from('a secret of the sample endpoint').toString('base64')}`;

const makeRoutes = async (admin: Admin): Promise<void> => {
  const put = (name: string, pattern: object, more: object = {}) =>
    admin.ask('PUT', `routes/${name}`, { pattern, topics: ['orders'], ...more });
  await put('orders', { type: [{ prefix: 'order.' }] });
  await put(
    'large-orders',
    { type: ['order.paid'], data: { amount: [{ numeric: ['>=', 500] }] } },
    { topics: ['finance'] },
  );
  await put(
    'large-orders',
    { type: ['order.paid'], data: { amount: [{ numeric: ['>=', 700] }] } },
    { topics: ['finance'], priority: 50 },
  );
  await admin.ask('PUT', 'routes/large-orders/draft', {
    pattern: { type: ['order.paid'], data: { amount: [{ numeric: ['>=', 400] }], currency: ['EUR'] } },
    topics: ['finance'],
    priority: 50,
    transform: '{ "subject": data.currency & " " & data.amount }',
  });
};

const makeEndpoint = async (admin: Admin, failing: Receiver): Promise<void> => {
  const endpoint = { url: `${failing.url}mirror`, secret: SECRET, topics: ['pushes'], timeout: '5s' };
  await admin.ask('PUT', 'webhooks/mirror', endpoint);
  const isThere = async () => {
    const { sinks } = await admin.ask<SinkList>('GET', 'sinks');
    return sinks.some(({ name }) => name === 'hook.mirror');
  };
  await waitFor(isThere, { what: 'the endpoint to be in force', timeoutMs: 20_000, everyMs: 100 });
};

const makeLab = async (admin: Admin): Promise<void> => {
  const lab = `lab/${LAB_TOPIC}`;
  await admin.ask('POST', `${lab}/produce`, { count: 120 });
  await admin.ask('POST', `${lab}/consumers`, { count: 2, perSecond: 1 });
  const { consumers } = await admin.ask<Lab>('GET', lab);
  await admin.ask('POST', `${lab}/consumers/${consumers[1]?.name}/crash`, { after: 3 });
};

/** A little traffic, so that something moves in the pictures. */
const keepSending = (gateway: string): (() => Promise<void>) => {
  let n = 1000;
  let last = Promise.resolve();
  const timer = setInterval(() => {
    n += 3;
    // Whether each arrives is not what the pictures are about.
    last = send(gateway, [order(n), order(n + 1), reading(n, 20 + (n % 8))]).catch(() => undefined);
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await last;
  };
};
