import type { Logger, Metrics } from '@millrace/host';
import {
  type Retention as Bounds,
  INBOX,
  inEveryPartition,
  isReadBy,
  PeriodicTask,
  type TrimRequest,
  type TrimResult,
  topicOf,
  topicStream,
  UNROUTED,
} from '@millrace/streams';
import { type GroupRegistration, isShort, type RedisTransport } from '@millrace/streams/redis';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { forcedCounter } from './forced-counter.js';
import type { RouterConfig } from './router-config.js';

const EVERY_MS = 5000;

interface Registered {
  readonly topics: readonly string[];
  readonly groups: readonly GroupRegistration[];
}

/**
 * Shortens what came in, and the topics, to their retention every five seconds. What a registered group has not settled
 * stays, whatever the retention says. Where Redis is short of memory, half of what everybody has settled goes each time,
 * and by `RETENTION_WHEN_FULL=gone`, if that frees nothing, what only groups have not read that are gone; by `all` then all. Any number of routers may do it at once.
 */
export class Retention implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly trimmed;
  private readonly forced;
  private readonly task = new PeriodicTask(() => this.trim(), {
    everyMs: EVERY_MS,
    onError: (error) => this.log.debug({ err: error.message }, 'cannot trim; retrying'),
  });
  private known: Registered | undefined;

  constructor(
    private readonly config: RouterConfig,
    private readonly transport: RedisTransport,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.trimmed = metrics.counter('millrace_trimmed_total', 'Entries trimmed', ['topic']);
    this.forced = forcedCounter(metrics);
  }

  onApplicationBootstrap(): void {
    this.task.start(EVERY_MS);
  }

  onModuleDestroy(): void {
    void this.task.stop();
  }

  /** Trims everything once. Rejects with `Unavailable`. */
  async trim(): Promise<void> {
    const [streams, isFull] = await Promise.all([this.streams(), this.isFull()]);
    const whenFull = isFull ? this.config.RETENTION_WHEN_FULL : 'keep';
    const requests = whenFull === 'keep' ? streams : await this.halved(streams);
    const freed = await this.send(requests);
    if (freed > 0 || whenFull === 'keep' || whenFull === 'read') return;
    const gone = this.gone();
    if (gone.length > 0 && (await this.send(requests.map((request) => ({ ...request, gone })))) > 0) return;
    if (whenFull === 'all') await this.send(requests.map((request) => ({ ...request, force: true })));
  }

  /** The groups that nobody has run for long. */
  private gone(): string[] {
    const { GONE_AFTER } = this.config;
    const before = Date.now() - GONE_AFTER;
    const groups = GONE_AFTER === 0 ? [] : (this.known?.groups ?? []);
    return groups.filter(({ seenAt }) => seenAt < before).map(({ group }) => group);
  }

  /** Every stream with its bounds and the groups that hold it. */
  private async streams(): Promise<TrimRequest[]> {
    const { topics, groups } = await this.registered();
    return [INBOX, ...new Set([...topics, UNROUTED].map(topicStream))].flatMap((name) => {
      const readers = groups.filter(({ streams }) => isReadBy(name, streams)).map(({ group }) => group);
      return inEveryPartition(name, this.transport.partitions.count).map(
        (stream): TrimRequest => ({ stream, retention: this.boundsOf(name), groups: readers }),
      );
    });
  }

  /** Where the primary that knows them is away, as they were known last: the others are trimmed by that. */
  private async registered(): Promise<Registered> {
    const { registry } = this.transport;
    try {
      const [topics, groups] = await Promise.all([registry.topics(), registry.groups()]);
      this.known = { topics, groups };
    } catch (error) {
      if (this.known === undefined) throw error;
    }
    return this.known;
  }

  /** The same with half of their lengths, where somebody reads them: what nobody reads is nobody's to give up. */
  private async halved(requests: readonly TrimRequest[]): Promise<TrimRequest[]> {
    const lengths = await this.lengthsOf(requests);
    return requests.map((request) => {
      const length = lengths.get(request);
      if (length === undefined || request.groups.length === 0) return request;
      const half = Math.max(1, Math.ceil(length / 2));
      const { maxLength } = request.retention;
      const shorter = { ...request.retention, maxLength: maxLength === 0 ? half : Math.min(half, maxLength) };
      return { ...request, retention: shorter };
    });
  }

  /** Of a partition whose primary is away nothing is known. */
  private async lengthsOf(requests: readonly TrimRequest[]): Promise<ReadonlyMap<TrimRequest, number>> {
    const lengths = new Map<TrimRequest, number>();
    const partitions = new Set(requests.map(({ stream }) => stream.partition));
    const look = async (partition: number): Promise<void> => {
      const some = requests.filter(({ stream }) => stream.partition === partition);
      const states = await this.transport.streams.inspect(some.map(({ stream }) => stream));
      for (const [i, request] of some.entries()) lengths.set(request, states[i]?.length as number);
    };
    await Promise.allSettled([...partitions].map(look));
    return lengths;
  }

  private async send(requests: readonly TrimRequest[]): Promise<number> {
    const results = await this.transport.trimmer.trim(requests);
    for (const result of results) this.tell(result);
    return results.reduce((sum, { trimmed }) => sum + trimmed, 0);
  }

  private boundsOf(name: string): Bounds {
    const { config } = this;
    return name === INBOX
      ? { maxLength: config.INBOX_MAX_LENGTH, maxAgeMs: config.INBOX_MAX_AGE }
      : { maxLength: config.RETENTION_MAX_LENGTH, maxAgeMs: config.RETENTION_MAX_AGE };
  }

  private async isFull(): Promise<boolean> {
    const memory = await this.transport.server.memory();
    return memory !== undefined && isShort(memory, this.config.MEMORY_RESERVE);
  }

  private tell({ stream, trimmed, losses, error }: TrimResult): void {
    if (error !== undefined)
      this.log.debug({ stream: stream.name, partition: stream.partition, err: error.message }, 'cannot trim; retrying');
    const topic = topicOf(stream.name) ?? stream.name;
    if (trimmed > 0) this.trimmed.inc({ topic }, trimmed);
    for (const { group, from, to, count } of losses) {
      this.forced.inc({ topic, group }, count);
      this.log.error(
        { topic, partition: stream.partition, group, from, to, count },
        'Redis is full: trimmed unread events',
      );
    }
  }
}
