import type { StreamedEvent } from '@millrace/streams';
import type { RedisTransport } from '@millrace/streams/redis';

const TOPIC = { name: 'topic:big', partition: 0 };
const GROUP = 'sink-of-the-test';
const EVENTS = 80;
const DEAD = 40;
const LARGE = 900_000;

/** What publishers have left in Redis for whoever looks: large events in a topic, and large dead letters. */
export const store = async (transport: RedisTransport): Promise<void> => {
  const large = (n: number): StreamedEvent => {
    const data = { n, text: 'x'.repeat(LARGE) };
    const json = JSON.stringify({ specversion: '1.0', id: `big${n}`, source: '/cost', type: 'big', data });
    return { type: 'big', json };
  };
  await transport.registry.registerGroup({ group: GROUP, hop: GROUP, streams: [TOPIC.name] });
  for (let n = 0; n < EVENTS; n += 1) await transport.producer.append(TOPIC, [large(n)]);
  const stop = new AbortController();
  let dead = 0;
  const consumer = transport.consumer({ group: GROUP, streams: () => [TOPIC.name], partition: 0, maxBatch: 10 });
  for await (const batch of consumer.batches(stop.signal)) {
    const cause = new Error(`no ${'y'.repeat(2000)}`);
    await batch.settle(() => (dead++ < DEAD ? { kind: 'reject', cause } : { kind: 'ack' }));
    if (dead >= EVENTS) stop.abort();
  }
};
