import { problem, RequestRefused } from '@millrace/host';
import { INBOX, inEveryPartition } from '@millrace/streams';
import { isShort, type Memory } from '@millrace/streams/redis';

/** Asks how far a group is behind on a stream, and how full Redis is. */
export interface PressureSource {
  backlog(stream: { readonly name: string; readonly partition: number }, group: string): Promise<number>;
  memory(): Promise<Memory | undefined>;
}

/** What the gateway lets grow, and where it stops. */
export interface PressureLimits {
  /** The router's group. */
  readonly group: string;
  readonly partitions: () => number;
  /** Events that it may be behind. */
  readonly maxLag: number;
  /** Share of Redis's memory that is kept free, from 0 to 1. */
  readonly memoryReserve: number;
}

const SAMPLE_EVERY_MS = 200;
const RETRY_AFTER_SECONDS = 2;

const refuse = (why: string): never => {
  throw new RequestRefused(problem('backpressure', 429, `${why}; nothing was accepted`), {
    'retry-after': String(RETRY_AFTER_SECONDS),
  });
};

/**
 * Knows how far the router is behind and how full Redis is. It is asked at most five times a second, and only while requests come; in between
 * what was accepted counts on top.
 */
export class Backpressure {
  private behind = 0;
  private memory: Memory | undefined;
  private acceptedSince = 0;
  private sampledAt = 0;
  private sampling: Promise<void> | undefined;

  constructor(
    private readonly source: PressureSource,
    private readonly limits: PressureLimits,
  ) {}

  /** Events that the router has not settled, as far as known. */
  get lag(): number {
    return this.behind + this.acceptedSince;
  }

  /** Throws a 429 where the router is too far behind, or Redis short of memory. Called before anything is appended, never after. */
  async check(): Promise<void> {
    const age = Date.now() - this.sampledAt;
    if (age > SAMPLE_EVERY_MS) {
      const sampled = this.sample();
      // An old number says nothing; a recent one will do while the new one is on its way.
      if (age > 10 * SAMPLE_EVERY_MS || this.isTooMuch) await sampled;
    }
    if (this.lag >= this.limits.maxLag) {
      refuse(`The router is ${this.lag} events behind, the limit is ${this.limits.maxLag}`);
    }
    if (this.isFull) refuse(`Redis has less than ${this.limits.memoryReserve * 100}% of its memory free`);
  }

  accepted(events: number): void {
    this.acceptedSince += events;
  }

  private get isTooMuch(): boolean {
    return this.isFull || this.lag >= this.limits.maxLag;
  }

  private get isFull(): boolean {
    return this.memory !== undefined && isShort(this.memory, this.limits.memoryReserve);
  }

  private sample(): Promise<void> {
    this.sampling ??= this.ask()
      // Without an answer the append itself will say what is wrong with Redis.
      .catch(() => undefined)
      .finally(() => {
        this.sampling = undefined;
        this.sampledAt = Date.now();
      });
    return this.sampling;
  }

  private async ask(): Promise<void> {
    const before = this.acceptedSince;
    const streams = inEveryPartition(INBOX, this.limits.partitions());
    const [memory, ...each] = await Promise.all([
      this.source.memory(),
      ...streams.map((stream) => this.source.backlog(stream, this.limits.group)),
    ]);
    this.memory = memory;
    this.behind = each.reduce((sum, one) => sum + one, 0);
    this.acceptedSince -= before;
  }
}
