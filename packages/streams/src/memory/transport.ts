import { withDefaults } from '../consumer-defaults.js';
import type {
  AppendOptions,
  AppendResult,
  Consumer,
  ConsumerOptions,
  Delivery,
  Position,
  Producer,
  Reader,
  StreamedEvent,
  StreamName,
  Transport,
  Trimmer,
  TrimRequest,
  TrimResult,
} from '../contract.js';
import { readEntry } from '../entry.js';
import { LONGEST_TIMER_MS, withinMs } from '../time/interval.js';
import { sharedAbort } from '../time/pause.js';
import { MemoryConsumer } from './consumer.js';
import { OrderedMemoryConsumer } from './ordered-consumer.js';
import { MemoryStore } from './store.js';

/** Streams in the memory of this process, for unit tests. Nothing outlives it; digests are remembered for ever. */
export class MemoryTransport implements Transport, Producer, Reader, Trimmer {
  readonly features = { shared: false, applies: false };
  readonly producer: Producer = this;
  readonly reader: Reader = this;
  readonly trimmer: Trimmer = this;
  private readonly store = new MemoryStore();
  private readonly closing = sharedAbort();
  private readonly timers = new Set<NodeJS.Timeout>();
  private made = 0;

  async append(stream: StreamName, events: readonly StreamedEvent[], options?: AppendOptions): Promise<AppendResult[]> {
    const results = events.map((event, i) => this.appendOne(stream, event, options?.digests?.[i] ?? []));
    this.store.changed();
    return results;
  }

  consumer(options: ConsumerOptions): Consumer {
    const name = `${options.name ?? 'memory'}-${process.pid}-${++this.made}`;
    const all = withDefaults(options, name);
    const park = (ms: number, wake: () => void) => this.later(ms, wake);
    return all.order === 'none'
      ? new MemoryConsumer(name, all, this.store, this.closing.signal, park)
      : new OrderedMemoryConsumer(name, all, this.store, this.closing.signal, park);
  }

  async trim(requests: readonly TrimRequest[]): Promise<TrimResult[]> {
    return requests.map(({ stream, retention, groups, force = false, gone = [] }) => {
      const ignored = force ? groups : gone;
      const [trimmed, losses] = this.store.stream(stream).trim(retention, groups, ignored);
      return { stream, trimmed, losses };
    });
  }

  async range(stream: StreamName, from: Position, to: Position, limit: number): Promise<Delivery[]> {
    const all = this.deliveries(stream);
    const isOpen = from.startsWith('(');
    const first = isOpen ? from.slice(1) : from;
    const isAfter = ({ position }: Delivery) => byPosition(position, first) >= (isOpen ? 1 : 0);
    const start = from === '-' ? 0 : all.findIndex(isAfter);
    const within = start < 0 ? [] : all.slice(start);
    const end = to === '+' ? within : within.filter(({ position }) => byPosition(position, to) <= 0);
    return end.slice(0, limit);
  }

  async newest(stream: StreamName, from: Position, to: Position, limit: number): Promise<Delivery[]> {
    const isOpen = to.startsWith('(');
    const end = isOpen ? to.slice(1) : to;
    const within = await this.range(stream, from, end, Number.POSITIVE_INFINITY);
    const all = isOpen ? within.filter(({ position }) => position !== end) : within;
    return all.reverse().slice(0, limit);
  }

  async endOf(
    stream: StreamName,
    from: Position,
    to: Position,
    order: 'oldest' | 'newest',
  ): Promise<Position | undefined> {
    const [found] = order === 'newest' ? await this.newest(stream, from, to, 1) : await this.range(stream, from, to, 1);
    return found?.position;
  }

  async *tail(stream: StreamName, after: Position, signal: AbortSignal): AsyncIterable<Delivery> {
    const stop = AbortSignal.any([signal, this.closing.signal]);
    let last = after === '$' ? (this.deliveries(stream).at(-1)?.position ?? '0-0') : after;
    while (!stop.aborted) {
      const next = this.deliveries(stream).filter(({ position }) => byPosition(position, last) > 0);
      for (const delivery of next) {
        last = delivery.position;
        yield delivery;
      }
      if (next.length === 0) await this.store.change(1000, stop);
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
    for (const timer of this.timers) clearTimeout(timer);
  }

  private appendOne(stream: StreamName, event: StreamedEvent, digests: readonly string[]): AppendResult {
    const keys = digests.map((digest) => `${stream.partition}/${digest}`);
    const first = keys.map((key) => this.store.seen.get(key)).find((one) => one !== undefined);
    if (first !== undefined) {
      return { status: first.type === event.type ? 'duplicate' : 'conflict', position: first.id };
    }
    const id = this.store.stream(stream).add(['type', event.type, 'event', event.json]);
    for (const key of keys) this.store.seen.set(key, { id, type: event.type });
    return { status: 'accepted', position: id };
  }

  private later(ms: number, wake: () => void): void {
    const timer = setTimeout(
      () => {
        this.timers.delete(timer);
        wake();
        this.store.changed();
      },
      withinMs(ms, 0, LONGEST_TIMER_MS),
    );
    this.timers.add(timer);
  }

  private deliveries(stream: StreamName): Delivery[] {
    return this.store
      .stream(stream)
      .entries.flatMap(({ id, fields }) => readEntry(stream.name, stream.partition, id, fields, 1).deliveries);
  }
}

const byPosition = (a: Position, b: Position): number => {
  const left = a.split(/[-.]/).map(Number);
  const right = b.split(/[-.]/).map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};
