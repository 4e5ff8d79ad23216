import {
  type Batch,
  type Delivery,
  PermanentError,
  serveBatches,
  TransientError,
  Unavailable,
} from '@millrace/streams';
import { MemoryTransport } from '@millrace/streams/memory';
import { waitFor } from '@millrace/testkit';
import { DeliveryRound } from '../src/delivery/delivery-round.js';

const STREAM = { name: 'hook:a', partition: 0 };
const idOf = ({ event }: Delivery): string => (JSON.parse(event.json) as { id: string }).id;
const eventOf = (id: string) => ({ type: 'demo', json: JSON.stringify({ id }) });
const ids = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i));

/** Delivers ids through rounds until stopped; counts the calls of `settle`. */
const deliver = async (wanted: readonly string[], send: (id: string) => Promise<void>, concurrency = 4) => {
  const transport = new MemoryTransport();
  await transport.producer.append(STREAM, wanted.map(eventOf));
  const stopping = new AbortController();
  const consumer = transport.consumer({
    group: 'g',
    partition: 0,
    streams: () => [STREAM.name],
    retryDelayMs: () => 1,
    maxAttempts: 3,
  });
  const seen = { settled: [] as string[], failed: [] as string[], settles: 0, batches: new Set<Batch>() };
  const rounds = new WeakMap<Batch, DeliveryRound>();
  const roundOf = (batch: Batch): DeliveryRound =>
    new DeliveryRound(batch, {
      concurrency,
      waitMs: 5,
      atMost: 4,
      send: (delivery) => send(idOf(delivery)),
      onFailure: (delivery) => seen.failed.push(idOf(delivery)),
      onSettled: (settled) => {
        seen.settles += 1;
        seen.settled.push(...settled.map(idOf));
      },
    });
  const handle = (batch: Batch) => {
    seen.batches.add(batch);
    const round = rounds.get(batch) ?? roundOf(batch);
    rounds.set(batch, round);
    return round.run(stopping.signal);
  };
  const done = serveBatches(consumer, handle, stopping.signal);
  const stop = async () => {
    stopping.abort();
    await done;
  };
  return { transport, seen, stop, abort: () => stopping.abort(), done };
};

describe('DeliveryRound', () => {
  it('has so many under way as it may, and no more', async () => {
    let underWay = 0;
    let most = 0;
    const run = await deliver(ids(40), async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
    });
    await waitFor(() => run.seen.settled.length === 40, { what: 'all to be settled' });
    await run.stop();
    expect(most).toBe(4);
    expect(run.seen.settles).toBeLessThanOrEqual(20); // Gathered, not one by one.
  });

  it('settles what is finished while the slowest is not', async () => {
    let finish = () => undefined as void;
    const slow = new Promise<void>((resolve) => (finish = resolve));
    const run = await deliver(ids(10), (id) => (id === '0' ? slow : Promise.resolve()));
    await waitFor(() => run.seen.settled.length === 9, { what: 'the nine others' });
    expect(run.seen.settled).not.toContain('0');
    finish();
    await waitFor(() => run.seen.settled.includes('0'), { what: 'the slow one' });
    await run.stop();
  });

  it('keeps only the rest of a batch while the target is away, and sends nothing twice', async () => {
    const sent: string[] = [];
    let away = true;
    const run = await deliver(ids(10), async (id) => {
      if (away && Number(id) >= 3) throw new Unavailable('away');
      sent.push(id);
    });
    await waitFor(() => run.seen.settled.length === 3, { what: 'those that came through' });
    away = false;
    await waitFor(() => run.seen.settled.length === 10, { what: 'all' });
    await run.stop();
    expect([...sent].sort()).toEqual(ids(10));
    expect(run.seen.batches.size).toBe(1);
    expect(run.seen.failed).toEqual([]);
  });

  it('asks with one request alone whether the target is back', async () => {
    const asked: number[] = [];
    let underWay = 0;
    let away = true;
    const run = await deliver(ids(10), async () => {
      asked.push(++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      if (away) throw new Unavailable('away');
    });
    // Four find it away together; whoever comes after them comes alone.
    await waitFor(() => asked.length >= 6, { what: 'two probes' });
    expect(asked.slice(0, 6)).toEqual([1, 2, 3, 4, 1, 1]);
    away = false;
    await waitFor(() => run.seen.settled.length === 10, { what: 'all' });
    await run.stop();
  });

  it('retries one that fails, by itself, and dead-letters one that is refused', async () => {
    let failures = 0;
    const run = await deliver(['good', 'bad', 'flaky'], async (id) => {
      if (id === 'bad') throw new PermanentError('never');
      if (id === 'flaky' && ++failures < 3) throw new TransientError('not now');
    });
    await waitFor(() => run.seen.settled.length === 5, { what: 'three, and two further attempts' });
    await run.stop();
    expect(run.seen.settled.filter((id) => id === 'flaky')).toHaveLength(3);
    const dead = await run.transport.reader.range({ name: 'dead:g', partition: 0 }, '-', '+', 10);
    expect(dead.map(idOf)).toEqual(['bad']);
  });

  it('finishes what is under way when it is stopped, and hands the rest back', async () => {
    let finish = () => undefined as void;
    const slow = new Promise<void>((resolve) => (finish = resolve));
    const sent: string[] = [];
    const run = await deliver(ids(10), async (id) => {
      sent.push(id);
      await slow;
    });
    await waitFor(() => sent.length === 4, { what: 'four under way' });
    run.abort();
    finish();
    await run.done;
    expect(run.seen.settled.sort()).toEqual(['0', '1', '2', '3']);
    expect(sent).toHaveLength(4);
  });
});
