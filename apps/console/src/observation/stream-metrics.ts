import type { Sink, Stream, StreamGroup } from '@millrace/admin-api';
import { LOGGER, type Logger, Metrics, type Sample } from '@millrace/host';
import { topicStream } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { Observer } from './observer.js';
import type { Snapshot } from './snapshot.js';

const SAMPLE_EVERY_MS = 1000;

interface Look {
  readonly snapshot: Snapshot;
  /** INFO persistence of each server; empty where it does not tell. */
  readonly persistence: readonly string[];
}

/**
 * How the streams and groups fare, at `/metrics`: under the names of redis_exporter where it has one, the lag as we count
 * it (Redis knows none after a deletion), all partitions of a stream together. Redis is looked at when somebody scrapes, at
 * most once a second.
 */
@Injectable()
export class StreamMetrics {
  private looking: Promise<Look | undefined> | undefined;
  private lookedAt = 0;

  constructor(
    @Inject(Observer) private readonly observer: Observer,
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(LOGGER) private readonly log: Logger,
    @Inject(Metrics) metrics: Metrics,
  ) {
    metrics.collect('redis_up', '1 if Redis is reachable', [], async () => [
      [{}, Number((await this.look()) !== undefined)],
    ]);
    this.addStreams(metrics);
    this.addGroups(metrics);
    this.addServer(metrics);
  }

  private addStreams(metrics: Metrics): void {
    metrics.collect('redis_stream_length', 'Events in a stream', ['stream'], () =>
      this.of(({ snapshot }) => streamsOf(snapshot).map(([stream, { length }]) => [{ stream }, length])),
    );
    const ofGroups = (name: string, help: string, value: (group: StreamGroup) => number) =>
      metrics.collect(name, help, ['stream', 'group'], () =>
        this.of(({ snapshot }) =>
          streamsOf(snapshot).flatMap(([stream, { groups }]) =>
            groups.map((one) => [{ stream, group: one.group }, value(one)] as const),
          ),
        ),
      );
    ofGroups('redis_stream_group_lag', 'Events of a stream that a consumer group has not read yet', ({ lag }) => lag);
    ofGroups('redis_stream_group_messages_pending', 'Events in flight', ({ pending }) => pending);
  }

  private addGroups(metrics: Metrics): void {
    const ofSinks = (name: string, help: string, value: (sink: Sink) => number) =>
      metrics.collect(name, help, ['sink', 'hop'], () => this.of(({ snapshot }) => samplesOf(snapshot.sinks, value)));
    ofSinks(
      'millrace_sink_lag',
      'Events that a consumer group has not read yet, including redrives and replays',
      ({ lag }) => lag,
    );
    ofSinks('millrace_sink_pending', 'Events that a consumer group has in flight', ({ pending }) => pending);
    ofSinks('millrace_sink_parked', 'Deliveries scheduled for retry', ({ parked }) => parked);
    ofSinks('millrace_sink_dead_letters', 'Retained dead letters', ({ deadLetters }) => deadLetters);
    ofSinks('millrace_sink_unseen_seconds', 'Time since the last heartbeat of a consumer group', unseenSeconds);
    ofSinks('millrace_sink_oldest_waiting_seconds', 'Age of the oldest event that is not acknowledged', waitingSeconds);
  }

  private addServer(metrics: Metrics): void {
    const ofMemory = (name: string, help: string, part: 'used' | 'max') =>
      metrics.collect(name, help, [], () =>
        this.of(({ snapshot: { summary } }) => (summary.memory === null ? [] : [[{}, summary.memory[part]]])),
      );
    ofMemory('redis_memory_used_bytes', 'Memory used by Redis', 'used');
    ofMemory('redis_memory_max_bytes', 'maxmemory of Redis; 0 if there is no limit', 'max');
    const ofPersistence = (name: string, help: string, field: string, good: string) =>
      metrics.collect(name, help, [], () => this.of(({ persistence }) => flagOf(persistence, field, good)));
    ofPersistence('redis_aof_enabled', '1 if the append-only file is enabled', 'aof_enabled', '1');
    ofPersistence(
      'redis_aof_last_write_status',
      '1 if the last write to the append-only file succeeded',
      'aof_last_write_status',
      'ok',
    );
    ofPersistence(
      'redis_aof_last_bgrewrite_status',
      '1 if the last rewrite of the append-only file succeeded',
      'aof_last_bgrewrite_status',
      'ok',
    );
  }

  /** Nothing where Redis does not answer. */
  private async of<L extends string>(samples: (look: Look) => readonly Sample<L>[]): Promise<readonly Sample<L>[]> {
    const look = await this.look();
    return look === undefined ? [] : samples(look);
  }

  private look(): Promise<Look | undefined> {
    if (this.looking === undefined || performance.now() - this.lookedAt >= SAMPLE_EVERY_MS) {
      this.lookedAt = performance.now();
      this.looking = this.lookNow();
    }
    return this.looking;
  }

  private async lookNow(): Promise<Look | undefined> {
    try {
      const [snapshot, persistence] = await Promise.all([this.observer.look(), this.persistence()]);
      return { snapshot, persistence };
    } catch (error) {
      this.log.debug({ err: (error as Error).message }, 'cannot read the state of the streams');
      return undefined;
    }
  }

  private async persistence(): Promise<string[]> {
    try {
      return await this.transport.server.info('persistence');
    } catch (error) {
      if (/unknown command|NOPERM|unsupported/i.test((error as Error).message)) return [];
      throw error;
    }
  }
}

const streamsOf = ({ inbox, topics }: Snapshot): readonly (readonly [string, Stream])[] => [
  ['in', inbox],
  ...topics.map((topic) => [topicStream(topic.name), topic] as const),
];

const samplesOf = (sinks: readonly Sink[], value: (sink: Sink) => number): readonly Sample<'sink' | 'hop'>[] =>
  sinks.map((sink) => [{ sink: sink.name, hop: sink.hop }, value(sink)] as const);

const unseenSeconds = ({ seenAt }: Sink): number => Math.max(0, Date.now() - seenAt) / 1000;

/** 0 where nothing waits. */
const waitingSeconds = ({ oldestWaitingAt: at }: Sink): number =>
  at === null ? 0 : Math.max(0, Date.now() - at) / 1000;

/** 1 where it is good of every server. */
const flagOf = (infos: readonly string[], field: string, good: string): readonly Sample<never>[] => {
  const values = infos.map((info) => new RegExp(`^${field}:(.*)$`, 'm').exec(info)?.[1]?.trim());
  return values.length === 0 || values.includes(undefined) ? [] : [[{}, Number(values.every((one) => one === good))]];
};
