import { type EndpointState, EndpointStates } from '@millrace/endpoints';
import type { Logger, Metrics } from '@millrace/host';
import { type Observations, Operations } from '@millrace/operations';
import { inEveryPartition, PeriodicTask, type StreamName, type TrimRequest, type TrimResult } from '@millrace/streams';
import { isShort, type RedisTransport } from '@millrace/streams/redis';

/** How much may wait for an endpoint that takes nothing. */
export interface QueueBounds {
  /** Events in each partition; 0: no bound. */
  readonly maxLength: number;
  /** Bytes of all partitions; 0: no bound. */
  readonly maxBytes: number;
  /** Milliseconds; 0: no bound. */
  readonly maxAgeMs: number;
  /** Share of Redis's memory below which the gateway takes nothing more; queues are shortened before that. */
  readonly memoryReserve: number;
}

const EVERY_MS = 10_000;
/** One that failed for less is likely to be back soon, and has lost nothing then. */
const FAILING_MS = 60_000;
/** Whoever delivers to an endpoint says so every ten seconds. */
const GONE_MS = 300_000;
/** So much before the gateway would refuse events. */
const EARLY = 1.5;
const HOOK = 'hook:';

/**
 * Shortens what is queued for endpoints that take nothing, every ten seconds: those that fail, are disabled, or are gone. So
 * they cannot fill Redis until nobody is served any more. What goes is told as every forced loss is; the topics still have
 * it, to be replayed. Any number of processes may do it at once.
 */
export class QueueRetention {
  private readonly states: EndpointStates;
  private readonly observations: Observations;
  private readonly forced;
  private readonly trimming = new PeriodicTask(() => this.trim(), {
    everyMs: EVERY_MS,
    onError: (error) => this.complain(error),
  });
  private lastComplaint = '';

  constructor(
    private readonly transport: RedisTransport,
    private readonly log: Logger,
    metrics: Metrics,
    private readonly bounds: QueueBounds,
  ) {
    this.states = new EndpointStates(transport);
    this.observations = new Operations(transport).observations;
    this.forced = metrics.counter(
      'millrace_forced_total',
      'Entries trimmed before a consumer group acknowledged them',
      ['topic', 'group'],
    );
  }

  start(): void {
    this.trimming.start(EVERY_MS);
  }

  stop(): Promise<void> {
    return this.trimming.stop();
  }

  /** Trims all of them once; `now` is Unix milliseconds. Rejects with `Unavailable`. */
  async trim(now = Date.now()): Promise<void> {
    const [states, groups] = await Promise.all([this.states.all(), this.transport.registry.groups()]);
    const idle = groups.flatMap(({ group, streams: [name = ''], seenAt }) => {
      if (!name.startsWith(HOOK)) return [];
      const isGone = now - seenAt >= GONE_MS;
      return isGone || isIdle(states.get(name.slice(HOOK.length)), now) ? [{ group, name }] : [];
    });
    if (idle.length === 0) return;
    const isFull = await this.isFull();
    const requests = await Promise.all(idle.map(({ group, name }) => this.requestsOf(group, name, isFull)));
    for (const result of await this.transport.trimmer.trim(requests.flat())) this.tell(result);
    this.lastComplaint = '';
  }

  private async requestsOf(group: string, name: string, isFull: boolean): Promise<TrimRequest[]> {
    const streams = inEveryPartition(name, this.transport.partitions.count);
    const states = await this.transport.streams.inspect(streams);
    const share = Math.min(await this.shareOf(streams), isFull ? 0.5 : 1);
    const { maxAgeMs } = this.bounds;
    return streams.map((stream, i) => {
      const maxLength = this.lengthOf(states[i]?.length ?? 0, share);
      return { stream, groups: [group], retention: { maxLength, maxAgeMs }, force: true };
    });
  }

  /** Most events that a stream of `length` may keep; 0: no bound. */
  private lengthOf(length: number, share: number): number {
    const { maxLength } = this.bounds;
    if (share >= 1) return maxLength;
    const shorter = Math.max(1, Math.floor(length * share));
    return maxLength === 0 ? shorter : Math.min(shorter, maxLength);
  }

  /** How much of them fits into the bytes, from 0 to 1. */
  private async shareOf(streams: readonly StreamName[]): Promise<number> {
    const { maxBytes } = this.bounds;
    if (maxBytes === 0) return 1;
    // 0 where the server does not tell: some managed ones do not. Then the other bounds have to do.
    const sizes = await this.observations.bytes(streams);
    const bytes = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
    return bytes <= maxBytes ? 1 : maxBytes / bytes;
  }

  private async isFull(): Promise<boolean> {
    const { memoryReserve } = this.bounds;
    const memory = await this.transport.server.memory();
    return memory !== undefined && isShort(memory, Math.min(memoryReserve * EARLY, (1 + memoryReserve) / 2));
  }

  private tell({ stream, losses }: TrimResult): void {
    for (const { group, from, to, count } of losses) {
      this.forced.inc({ topic: stream.name, group }, count);
      this.log.error(
        { topic: stream.name, partition: stream.partition, group, from, to, count },
        'the queue of an unreachable endpoint is over its limit: deleted the oldest, undelivered; replay them from the topics',
      );
    }
  }

  /** Once for each trouble: it would be reported every ten seconds. */
  private complain({ message }: Error): void {
    if (message !== this.lastComplaint)
      this.log.warn({ err: message }, 'cannot trim the queues of endpoints; retrying');
    this.lastComplaint = message;
  }
}

const isIdle = ({ offAt, failingSince }: EndpointState = {}, now: number): boolean =>
  offAt !== undefined || (failingSince !== undefined && now - failingSince >= FAILING_MS);
