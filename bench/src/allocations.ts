/**
 * How many bytes of heap an event costs on each step, counted while nothing is collected: as good as the same on every
 * machine, which times are not. Run with a young generation that holds it all:
 *
 *   REDIS_URL=… node --min-semi-space-size=256 --max-semi-space-size=256 dist/allocations.js
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { type Decoded, NdjsonDecoder, timeOrderedId } from '@millrace/events';
import { PatternIndex, parsePattern } from '@millrace/patterns';
import { type Batch, serveBatches } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { Bodies } from './load/bodies.js';

const EVENTS = 5000;
const CALL = 100;
const IN = { name: 'in', partition: 0 };

let collections = 0;
new PerformanceObserver((list) => {
  collections += list.getEntries().length;
}).observe({ entryTypes: ['gc'] });

/** Bytes an event that `work` leaves on the heap when it has handled `EVENTS` of them. */
const bytesOf = async (work: () => Promise<void>): Promise<number> => {
  await work(); // Code is compiled, and shapes are known.
  const before = process.memoryUsage().heapUsed;
  await work();
  return Math.round((process.memoryUsage().heapUsed - before) / EVENTS);
};

const bodies = new Bodies('ndjson', 'small', 'a');
const chunks = Array.from({ length: (2 * EVENTS) / CALL }, () => Buffer.from(`${bodies.next(CALL, 0)}\n`));
const options = { defaultSource: '/bench', now: () => new Date(), newId: timeOrderedId };
const decoded: Decoded[][] = [];
const take = () => chunks.splice(0, EVENTS / CALL);

const decode = await bytesOf(async () => {
  const decoder = new NdjsonDecoder(options);
  for (const chunk of take()) decoded.push([...decoder.push(chunk).decode()].flat());
});

const transport = new RedisTransport({ url: process.env['REDIS_URL'] as string });
const append = await bytesOf(async () => {
  for (const batch of decoded.splice(0, EVENTS / CALL)) {
    const events = batch.flatMap((one) => (one.ok ? [one.event] : []));
    await transport.producer.append(IN, events, { digests: events.map(({ id }) => [id]) });
  }
});

const index = new PatternIndex([{ pattern: parsePattern('{"type":[{"prefix":"bench."}]}'), value: 'topic:all' }]);
/** Takes `EVENTS` from a stream. */
const consume = (name: string, handle: (batch: Batch) => Promise<unknown>) => async (): Promise<void> => {
  const stop = new AbortController();
  let left = EVENTS;
  const consumer = transport.consumer({ group: 'g', streams: () => [name], partition: 0, maxBatch: CALL });
  await serveBatches(
    consumer,
    async (batch) => {
      await handle(batch);
      left -= batch.deliveries.length;
      if (left <= 0) stop.abort();
    },
    stop.signal,
  );
};
const route = await bytesOf(
  consume('in', (batch) =>
    batch.settle(({ event }) => ({ kind: 'forward', to: index.match(event).map((to) => ({ to, event })) })),
  ),
);
const deliver = await bytesOf(consume('topic:all', (batch) => batch.settle(() => ({ kind: 'ack' }))));
await transport.close();

process.stdout.write(`${JSON.stringify({ decode, append, route, deliver, collections })}\n`);
process.exit(0);
