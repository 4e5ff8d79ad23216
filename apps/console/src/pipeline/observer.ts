import {
  againStream,
  deadStream,
  INBOX,
  inEveryPartition,
  type StreamName,
  topicStream,
  UNROUTED,
} from '@millrace/streams';
import { asUnavailable, type GroupRegistration, RedisTransport, type StreamState } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { ConsoleConfig } from './console-config.js';

/** A group on a stream. */
export interface GroupView {
  readonly group: string;
  readonly lag: number;
  readonly pending: number;
}

/** A stream, all its partitions together. */
export interface StreamView {
  /** `in`, or the topic's name. */
  readonly name: string;
  readonly length: number;
  /** Times of the oldest and newest entry, in Unix milliseconds; null where it is empty. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  readonly groups: readonly GroupView[];
}

/** A registered group: the router, a sink, an endpoint of the webhook sink. */
export interface SinkView {
  readonly name: string;
  readonly hop: string;
  readonly streams: readonly string[];
  readonly lag: number;
  readonly pending: number;
  /** Waiting for their next attempt. */
  readonly parked: number;
  readonly deadLetters: number;
  /** Unix milliseconds at which it last said that it exists; it does so every ten seconds. */
  readonly seenAt: number;
}

/** Numbers of the whole pipeline. */
export interface Summary {
  readonly at: number;
  readonly inbox: number;
  readonly topics: number;
  readonly events: number;
  readonly lag: number;
  readonly pending: number;
  readonly parked: number;
  readonly deadLetters: number;
  readonly memory: { readonly used: number; readonly max: number } | null;
}

/** The pipeline at one moment. */
export interface Snapshot {
  readonly summary: Summary;
  readonly inbox: StreamView;
  readonly topics: readonly StreamView[];
  readonly sinks: readonly SinkView[];
}

const timeOf = (id: string | undefined): number | undefined =>
  id === undefined ? undefined : Number(id.split('-')[0]);
const sum = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((total, one) => total + of(one), 0);
const extreme = (pick: (...all: number[]) => number, ids: readonly (string | undefined)[]): number | null => {
  const times = ids.map(timeOf).filter((time) => time !== undefined);
  return times.length === 0 ? null : pick(...times);
};

const viewOf = (name: string, states: readonly StreamState[]): StreamView => {
  const groups = new Map<string, GroupView>();
  for (const { name: group, lag, pending } of states.flatMap((state) => state.groups)) {
    const so = groups.get(group) ?? { group, lag: 0, pending: 0 };
    groups.set(group, { group, lag: so.lag + lag, pending: so.pending + pending });
  }
  return {
    name,
    length: sum(states, ({ length }) => length),
    firstAt: extreme(
      Math.min,
      states.map(({ firstId }) => firstId),
    ),
    lastAt: extreme(
      Math.max,
      states.map(({ lastId }) => lastId),
    ),
    groups: [...groups.values()],
  };
};

/** Looks at the pipeline in Redis. What it costs grows with the number of topics and sinks, not with that of events. */
@Injectable()
export class Observer {
  private readonly redis;

  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(ConsoleConfig) private readonly config: ConsoleConfig,
  ) {
    this.redis = transport.connect('observer');
  }

  /** Names of the topics: those that routes name or named, and `unrouted`. */
  async topicNames(): Promise<string[]> {
    return [...new Set([...(await this.transport.registry.topics()), UNROUTED])].sort();
  }

  /** Rejects with `Unavailable`. */
  async look(): Promise<Snapshot> {
    const [names, groups] = await Promise.all([this.topicNames(), this.transport.registry.groups()]);
    const [[inbox, ...topics], sinks, memory] = await Promise.all([
      this.streams([INBOX, ...names.map(topicStream)]),
      Promise.all(groups.map((group) => this.waiting(group))),
      this.transport.memory(),
    ]);
    const views = names.map((name, i) => ({ ...(topics[i] as StreamView), name }));
    const all = [inbox as StreamView, ...(topics as StreamView[])];
    const sinkViews = groups.map((group, i) => this.sink(group, all, sinks[i] as Waiting));
    return {
      inbox: inbox as StreamView,
      topics: views,
      sinks: sinkViews,
      summary: {
        at: Date.now(),
        inbox: (inbox as StreamView).length,
        topics: views.length,
        events: sum(views, ({ length }) => length),
        lag: sum(sinkViews, ({ lag }) => lag),
        pending: sum(sinkViews, ({ pending }) => pending),
        parked: sum(sinkViews, ({ parked }) => parked),
        deadLetters: sum(sinkViews, ({ deadLetters }) => deadLetters),
        memory: memory ?? null,
      },
    };
  }

  private async streams(names: readonly string[]): Promise<StreamView[]> {
    const { PARTITIONS } = this.config;
    const states = await this.transport.inspect(names.flatMap((name) => inEveryPartition(name, PARTITIONS)));
    return names.map((name, i) => viewOf(name, states.slice(i * PARTITIONS, (i + 1) * PARTITIONS)));
  }

  /** What of a group is not in the streams it reads: parked, dead, and what it reads again. */
  private async waiting({ group, streams }: GroupRegistration): Promise<Waiting> {
    const { PARTITIONS } = this.config;
    // A webhook endpoint reads a stream of its own, which is no topic.
    const own = streams.filter((name) => name.startsWith('hook:'));
    const names = [deadStream(group), againStream(group), ...own];
    const [views, parked] = await Promise.all([
      this.streams(names),
      Promise.all(Array.from({ length: PARTITIONS }, (_, p) => this.parked(group, p))),
    ]);
    const read = views.slice(1).flatMap((view) => view.groups.filter((one) => one.group === group));
    return {
      parked: sum(parked, (count) => count),
      deadLetters: (views[0] as StreamView).length,
      lag: sum(read, ({ lag }) => lag),
      pending: sum(read, ({ pending }) => pending),
    };
  }

  private parked(group: string, partition: number): Promise<number> {
    return this.redis.zcard(this.transport.keys.parked(group, partition)).catch((error: unknown) => {
      throw asUnavailable(error);
    });
  }

  private sink(group: GroupRegistration, streams: readonly StreamView[], waiting: Waiting): SinkView {
    const on = streams.flatMap((stream) => stream.groups.filter((one) => one.group === group.group));
    const { parked, deadLetters, lag, pending } = waiting;
    return {
      name: group.group,
      hop: group.hop,
      streams: group.streams,
      lag: lag + sum(on, (one) => one.lag),
      pending: pending + sum(on, (one) => one.pending),
      parked,
      deadLetters,
      seenAt: group.seenAt,
    };
  }
}

interface Waiting {
  readonly parked: number;
  readonly deadLetters: number;
  readonly lag: number;
  readonly pending: number;
}

/** The stream of a topic, or of the inbox, in every partition. */
export const partitionsOf = (topic: string, partitions: number): StreamName[] =>
  inEveryPartition(topic === INBOX ? INBOX : topicStream(topic), partitions);
