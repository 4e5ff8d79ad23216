import type { Delivery, Outcome } from '@millrace/streams';
import { pino } from 'pino';
import { countDeliveries, logFailures, Metrics, type SettledBatch } from '../../src/index.js';
import { delivery, NOTHING } from './settled.js';

const deliveries = [1, 2, 3, 4, 5, 6].map((n) => delivery(n, n === 6 ? 'hook:billing' : 'topic:orders'));
const [, stale, dead, parked, waiting] = deliveries as [Delivery, Delivery, Delivery, Delivery, Delivery, Delivery];
const cause = Object.assign(new TypeError('its words may quote the event'), { code: 'E42' });
const outcomes = new Map<Delivery, Outcome>([
  [dead, { kind: 'reject', cause }],
  [parked, { kind: 'retry', cause }],
  [waiting, { kind: 'wait', cause, afterMs: 1 }],
]);
const settled: SettledBatch = {
  deliveries,
  settlement: { stale: [stale], dead: [dead], parked: [parked, waiting] },
  outcomes,
};

describe('countDeliveries', () => {
  const counted = async (...batches: SettledBatch[]): Promise<Record<string, number>> => {
    const metrics = new Metrics();
    const report = countDeliveries(metrics, { hop: 'sink', success: 'delivered' });
    for (const batch of batches) report(batch);
    const { values } = (await metrics.registry.getSingleMetric('millrace_deliveries_total')?.get()) ?? { values: [] };
    return Object.fromEntries(
      values.map(({ labels, value }) => [`${labels.hop} ${labels.topic} ${labels.outcome}`, value]),
    );
  };

  it('counts by the topic, or else the stream, that each came from', async () => {
    expect(await counted(settled, { deliveries, settlement: NOTHING, outcomes: new Map() })).toEqual({
      'sink orders delivered': 1 + 5,
      'sink hook:billing delivered': 1 + 1,
      'sink orders stale': 1,
      'sink orders retried': 1,
      'sink orders waiting': 1,
      'sink orders dead': 1,
    });
  });

  it('counts under one name where it has one', async () => {
    expect(await counted({ ...settled, label: 'in' })).toEqual({
      'sink in delivered': 2,
      'sink in stale': 1,
      'sink in retried': 1,
      'sink in waiting': 1,
      'sink in dead': 1,
    });
  });
});

describe('logFailures', () => {
  const logged = (level: string): unknown[][] => {
    const lines: unknown[][] = [];
    const log = pino({ level }, { write: (line: string) => void lines.push([JSON.parse(line)]) });
    logFailures(log)(settled);
    return lines.map(([line]) => {
      const { level: of, msg, eventId, error, code } = line as Record<string, unknown>;
      return [of, msg, eventId, error, code];
    });
  };
  const WARN = 40;
  const DEBUG = 20;

  it('says which event became a dead letter and by which error, and not its words', () => {
    expect(logged('info')).toEqual([[WARN, 'dead-lettered', 'e3', 'TypeError', 'E42']]);
  });

  it('says what is tried again to who looks closer', () => {
    expect(logged('debug').slice(1)).toEqual([
      [DEBUG, 'delivery failed; retry scheduled', 'e4', 'TypeError', 'E42'],
      [DEBUG, 'delivery failed; retry scheduled', 'e5', 'TypeError', 'E42'],
    ]);
  });
});
