import { Operations } from '@millrace/operations';
import { INBOX, inEveryPartition, topicStream, UNROUTED } from '@millrace/streams';
import { type GroupRegistration, RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import {
  type Facts,
  groupOn,
  type ObservedGroup,
  ownStreams,
  type SeenStream,
  type Snapshot,
  snapshotOf,
} from './snapshot.js';
import { StreamSizes } from './stream-sizes.js';
import { least, sum, timeOfId } from './views.js';

/** A look is shared by all who ask within so many milliseconds. */
const FRESH_MS = 250;
/** Parked deliveries that are looked at for the oldest: those that are due next. */
const SOME = 100;

/** Looks at the pipeline in Redis. What it costs grows with the number of topics and sinks, not with that of events. */
@Injectable()
export class Observer {
  private readonly redis;
  private readonly sizes;
  private last: { readonly at: number; readonly snapshot: Promise<Snapshot> } | undefined;

  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
  ) {
    this.redis = transport.connections.connect('observer');
    this.sizes = new StreamSizes(operations.observations);
  }

  /** Names of the topics: those that routes name or named, and `unrouted`. */
  async topicNames(): Promise<string[]> {
    return [...new Set([...(await this.transport.registry.topics()), UNROUTED])].sort();
  }

  /** The pipeline now, or a quarter of a second ago. Rejects with `Unavailable`. */
  look(): Promise<Snapshot> {
    if (this.last === undefined || performance.now() - this.last.at > FRESH_MS) return this.lookAgain();
    return this.last.snapshot;
  }

  /** The pipeline now, for whoever has just changed it. Rejects with `Unavailable`. */
  lookAgain(): Promise<Snapshot> {
    const snapshot = this.facts().then((facts) => snapshotOf(facts, Date.now()));
    this.last = { at: performance.now(), snapshot };
    snapshot.catch(() => {
      this.last = undefined;
    });
    return snapshot;
  }

  private async facts(): Promise<Facts> {
    const { observations } = this.operations;
    const { registry } = this.transport;
    const [topics, registrations] = await Promise.all([this.topicNames(), registry.groups()]);
    const shown = [[INBOX, INBOX] as const, ...topics.map((topic) => [topicStream(topic), topic] as const)];
    const [streams, counts, memory] = await Promise.all([
      this.streams(
        shown.map(([stream]) => stream),
        registrations.flatMap(ownStreams),
      ),
      observations.counts(this.transport.partitions.count),
      this.transport.server.memory(),
    ]);
    return { shown, streams, counts, memory, groups: await this.groups(registrations, streams) };
  }

  private async streams(shown: readonly string[], others: readonly string[]): Promise<SeenStream[]> {
    const { observations } = this.operations;
    const all = (names: readonly string[]) =>
      names.flatMap((name) => inEveryPartition(name, this.transport.partitions.count));
    const names = [...all(shown), ...all([...new Set(others)])];
    const states = await observations.streams(names);
    // What is shown comes first among the names.
    const bytes = await this.sizes.of(all(shown), states);
    return names.flatMap((stream, i) => {
      const state = states[i];
      return state === undefined ? [] : [{ stream, state, bytes: bytes[i] ?? null }];
    });
  }

  private async groups(registrations: readonly GroupRegistration[], streams: readonly SeenStream[]) {
    const { observations, settings } = this.operations;
    const on = registrations.map((registration) => groupOn(registration, streams));
    const [pauses, parked, oldest] = await Promise.all([
      settings.pauses(),
      Promise.all(registrations.map(({ group }) => this.parked(group))),
      Promise.all(on.map((one) => observations.oldestUnsettled(one))),
    ]);
    return registrations.map((registration, i) => ({
      registration,
      ...(parked[i] ?? { parked: 0, parkedSince: null }),
      pause: pauses.get(registration.group),
      oldest: oldest[i] ?? [],
    }));
  }

  private async parked(group: string): Promise<Pick<ObservedGroup, 'parked' | 'parkedSince'>> {
    const keys = Array.from({ length: this.transport.partitions.count }, (_, n) =>
      this.transport.keys.parked(group, n),
    );
    const counts = await Promise.all(keys.map((key) => this.redis.zcard(key)));
    const names = await Promise.all(
      keys.map((key, n) => (counts[n] === 0 ? [] : this.redis.zrange(key, '0', String(SOME - 1)))),
    );
    return { parked: sum(counts, (count) => count), parkedSince: least(names.flat().map(appendedAt)) };
  }
}

/** When a parked delivery was appended, by its name: `topic:orders/1795-0/0`. */
const appendedAt = (name: string): number => timeOfId(name.split('/').at(-2) ?? '');
