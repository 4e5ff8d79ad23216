import type { StreamedEvent } from '@millrace/streams';
import type { RedisTransport } from '@millrace/streams/redis';

const TOPIC = { name: 'topic:big', partition: 0 };
const GROUP = 'sink-of-the-test';
const EVENTS = 80;
const DEAD = 40;
const LARGE = 900_000;
const PAIRS = { name: 'topic:pairs', partition: 0 };
const OF_PAIRS = 10;

/** Where each pair matches `PAIRS_PATTERN` in one of its members alone. */
export const pairs = (count: number): object[] =>
  Array.from({ length: count }, (_, n) => (n % 2 ? { qty: 9, sku: 'a' } : { qty: 1, sku: 'b' }));

export const PAIRS_PATTERN = { data: { items: { qty: [{ numeric: ['>', 5] }], sku: ['b'] } } };

/** What publishers have left in Redis for whoever looks: large events in topics, and large dead letters. */
export const store = async (transport: RedisTransport): Promise<void> => {
  const large = (n: number): StreamedEvent => {
    const data = { n, text: 'x'.repeat(LARGE) };
    const json = JSON.stringify({ specversion: '1.0', id: `big${n}`, source: '/cost', type: 'big', data });
    return { type: 'big', json };
  };
  await transport.registry.registerGroup({ group: GROUP, hop: GROUP, streams: [TOPIC.name] });
  await transport.registry.registerTopics(['big', 'pairs']);
  for (let n = 0; n < EVENTS; n += 1) await transport.producer.append(TOPIC, [large(n)]);
  for (let n = 0; n < OF_PAIRS; n += 1) {
    const event = {
      specversion: '1.0',
      id: `pairs${n}`,
      source: '/cost',
      type: 'pairs',
      data: { items: pairs(40_000) },
    };
    await transport.producer.append(PAIRS, [{ type: 'pairs', json: JSON.stringify(event) }]);
  }
  const stop = new AbortController();
  let dead = 0;
  const consumer = transport.consumer({ group: GROUP, streams: () => [TOPIC.name], partition: 0, maxBatch: 10 });
  for await (const batch of consumer.batches(stop.signal)) {
    const cause = new Error(`no ${'y'.repeat(2000)}`);
    await batch.settle(() => (dead++ < DEAD ? { kind: 'reject', cause } : { kind: 'ack' }));
    if (dead >= EVENTS) stop.abort();
  }
};
