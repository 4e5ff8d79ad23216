import type { Sink, Snapshot, Stream } from '@millrace/admin-api';
import { History } from '../../web/src/api/history.js';
import { flowOf } from '../../web/src/views/overview/flow.js';
import { layoutOf } from '../../web/src/views/overview/layout.js';

const stream = (name: string, added: number, lags: Record<string, number> = {}): Stream => ({
  name,
  length: added,
  bytes: null,
  firstAt: null,
  lastAt: null,
  added,
  groups: Object.entries(lags).map(([group, lag]) => ({ group, lag, pending: 0, consumers: 1 })),
});
const sink = (name: string, hop: string, streams: string[], more: Partial<Sink> = {}): Sink => ({
  name,
  hop,
  streams,
  lag: 0,
  pending: 0,
  parked: 0,
  deadLetters: 0,
  seenAt: 0,
  paused: null,
  consumers: 1,
  oldestWaitingAt: null,
  ...more,
});

/** So many events in the inbox and in orders; the router and the sink lag behind by those numbers. */
const snapshot = (at: number, added: number, lag = 0): Snapshot => ({
  summary: { at } as Snapshot['summary'],
  inbox: stream('in', added, { router: lag }),
  topics: [stream('orders', added, { 'sink-a': lag }), stream('idle', 5)],
  sinks: [
    sink('router', 'router', ['in']),
    sink('sink-a', 'sink-a', ['topic:*'], { deadLetters: 2 }),
    sink('sink-webhook', 'sink-webhook', ['topic:orders'], { paused: { at: 0, who: '' } }),
    sink('hook.billing', 'sink-webhook', ['hook:billing']),
  ],
  deadLetters: [],
  redrives: [],
  replays: [],
});

const history = new History().with(snapshot(10_000, 100)).with(snapshot(12_000, 140, 10));
const flow = flowOf(snapshot(12_000, 140, 10), history, { amount: String });
const rateOf = (from: string, to: string) => flow.edges.find((edge) => edge.from === from && edge.to === to)?.rate;

describe('rates', () => {
  it('come from what was added, and what of it was taken', () => {
    expect(rateOf('gateway', 'in')).toBe(20);
    expect(rateOf('in', 'router')).toBe(15);
    expect(rateOf('topic:orders', 'sink-a')).toBe(15);
    expect(rateOf('router', 'topic:idle')).toBe(0);
    expect(new History().with(snapshot(1, 1)).rate(({ inbox }) => inbox.added)).toBeUndefined();
  });

  it('are never below zero, as when a stream was made anew', () => {
    const again = new History().with(snapshot(10_000, 100)).with(snapshot(11_000, 3));
    expect(again.rate(({ inbox }) => inbox.added)).toBe(0);
  });
});

describe('the drawing', () => {
  it('has who reads a topic as the topic says it, and endpoints behind their sink', () => {
    expect(rateOf('topic:idle', 'sink-a')).toBeUndefined();
    expect(flow.edges).toContainEqual({ from: 'sink-webhook', to: 'hook.billing', rate: undefined });
    const notes = Object.fromEntries(flow.nodes.map(({ id, note }) => [id, note]));
    expect(notes).toMatchObject({ 'sink-a': '2 dead', 'sink-webhook': 'paused', 'hook.billing': 'up to date' });
  });

  it.each([320, 346, 760, 1018, 1400])('keeps every box apart and within %p pixels', (width) => {
    const { boxes, height, lines } = layoutOf(flow, width);
    expect(boxes).toHaveLength(flow.nodes.length);
    expect(lines).toHaveLength(flow.edges.length);
    for (const box of boxes) {
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(width);
      expect(box.y + box.height).toBeLessThanOrEqual(height);
      expect(box.width).toBeGreaterThan(60);
      const others = boxes.filter((one) => one !== box);
      const meets = others.filter(
        (one) =>
          one.x < box.x + box.width &&
          box.x < one.x + one.width &&
          one.y < box.y + box.height &&
          box.y < one.y + one.height,
      );
      expect(meets).toEqual([]);
    }
  });
});
