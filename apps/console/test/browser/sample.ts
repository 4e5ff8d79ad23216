import { AttemptLog } from '@millrace/endpoints';
import { openSeriesStore } from '@millrace/series';
import { waitFor } from '@millrace/testkit';
import type { RunningConsole } from '../running-console.js';

/** Looks like markup: it has to be shown as it is written. */
export const HOSTILE = '<img src=x onerror="document.title=\'taken over\'">';

const TOPIC = { name: 'topic:orders', partition: 0 };
const INBOX = { name: 'in', partition: 0 };
const SAMPLES = 50;
const MINUTE = 60_000;

const order = (id: string, more: object = {}) => ({
  type: 'order.paid',
  json: JSON.stringify({
    specversion: '1.0',
    id,
    source: '/shop',
    type: 'order.paid',
    subject: HOSTILE,
    data: { amount: 120, note: HOSTILE, lines: [{ sku: 'A-1', parts: { deep: { deeper: 1 } } }], ...more },
  }),
});

const takeSome = async ({ transport }: RunningConsole): Promise<void> => {
  const consumer = transport.consumer({ group: 'sink-a', streams: () => ['topic:orders'], partition: 0 });
  for await (const batch of consumer.batches(AbortSignal.timeout(5000))) {
    await batch.settle((_, i) => {
      if (i === 0) return { kind: 'ack' };
      if (i === 1) return { kind: 'retry', cause: new Error('later'), afterMs: 3_600_000 };
      return { kind: 'reject', cause: new TypeError(`cannot take ${HOSTILE}`) };
    });
    break;
  }
};

const addSeries = async ({ transport }: RunningConsole): Promise<void> => {
  const prefix = transport.keys.stream({ name: 'series', partition: 0 });
  const store = await openSeriesStore(transport.connections.connectTo(prefix, 'test'), { prefix });
  const labels = { metric: 'temperature', source: HOSTILE };
  await store.ensure([{ name: 'temperature:hostile', labels, retentionMs: 0, rollups: [] }]);
  const from = Date.now() - SAMPLES * MINUTE;
  await store.add(
    Array.from({ length: SAMPLES }, (_, i) => ({
      series: 'temperature:hostile',
      timestampMs: from + i * MINUTE,
      value: 20 + (i % 7),
    })),
  );
};

/** Something to look at in every view. */
export const fill = async (running: RunningConsole): Promise<void> => {
  const { transport } = running;
  await transport.registry.registerTopics(['orders']);
  await transport.registry.registerGroup({ group: 'router', hop: 'router', streams: ['in'] });
  await transport.registry.registerGroup({ group: 'sink-a', hop: 'sink-a', streams: ['topic:orders'] });
  const orders = Array.from({ length: 6 }, (_, i) => order(String(i)));
  await transport.producer.append(INBOX, orders);
  await transport.producer.append(TOPIC, orders);
  await takeSome(running);
  await transport.producer.append(TOPIC, [{ type: 'order.paid', json: 'not JSON' }]);
  await addSeries(running);
  const ask = async (method: string, path: string, body?: unknown): Promise<void> => {
    const { status, body: answer } = await running.ask(method, `/api/${path}`, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
  };
  const route = { pattern: { type: ['order.paid'], data: { amount: [{ numeric: ['>', 100] }] } }, topics: ['orders'] };
  await ask('PUT', 'routes/orders', route);
  await ask('PUT', 'routes/orders', { ...route, priority: 50 });
  await ask('PUT', 'routes/orders/draft', { ...route, transform: '{ "subject": data.note }' });
  await ask('PUT', 'webhooks/billing', { url: 'https://billing.example/in', topics: ['orders'] });
  await ask('POST', 'webhooks/billing/off');
  const attempts = new AttemptLog(transport);
  attempts.add('billing', {
    at: Date.now(),
    attempt: 1,
    type: 'order.paid',
    source: '/shop',
    id: '0',
    stream: 'topic:orders',
    position: '1-0',
    partition: 0,
    ms: 31,
    status: 500,
    failure: 'it answered 500',
    answer: HOSTILE,
  });
  await attempts.flush();
  await ask('POST', 'replays', { topic: 'orders', sink: 'sink-a', perSecond: 1 });
  await ask('POST', 'lab/orders/produce', { count: 20 });
  await ask('POST', 'lab/orders/consumers', { count: 2, perSecond: 50 });
  await ask('POST', 'lab/orders/consumers/consumer-2/crash', { after: 1 });
  const isCrashed = async () =>
    JSON.stringify((await running.ask('GET', '/api/lab/orders')).body).includes('"crashed"');
  await waitFor(isCrashed, { what: 'a consumer of the lab to crash' });
};
