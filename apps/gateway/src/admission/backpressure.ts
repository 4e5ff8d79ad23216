import { problem, RequestRefused } from '@millrace/host';
import { INBOX, inEveryPartition, pause } from '@millrace/streams';
import { isShort, type Memory, type RedisTransport } from '@millrace/streams/redis';

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
/** What takes longer is known at a later look. */
const LONGEST_LOOK_MS = 1000;
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
  /** By partition, as of the last look that was answered. */
  private readonly backlogs: number[] = [];
  private readonly asking = new Map<number | 'memory', Promise<void>>();
  private memory: Memory | undefined;
  private acceptedSince = 0;
  private sampledAt = Number.NEGATIVE_INFINITY;
  private sampling: Promise<void> | undefined;

  constructor(
    private readonly transport: RedisTransport,
    private readonly limits: PressureLimits,
  ) {}

  /** Events that the router has not settled, as far as known. */
  get lag(): number {
    return this.behind + this.acceptedSince;
  }

  /** Throws a 429 where the router is too far behind, or Redis short of memory. Called before anything is appended, never after. */
  async check(): Promise<void> {
    const age = performance.now() - this.sampledAt;
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
    this.sampling ??= this.ask().finally(() => {
      this.sampling = undefined;
      this.sampledAt = performance.now();
    });
    return this.sampling;
  }

  /** Asks for all that is not being asked for; a primary that is away keeps nobody from knowing of the others. */
  private async ask(): Promise<void> {
    const before = this.acceptedSince;
    let answered = 0;
    const partitions = this.limits.partitions();
    this.askFor(
      'memory',
      () => this.transport.server.memory(),
      (memory: Memory | undefined) => {
        this.memory = memory;
      },
    );
    for (const stream of inEveryPartition(INBOX, partitions)) {
      this.askFor(
        stream.partition,
        () => this.transport.streams.backlog(stream, this.limits.group),
        (backlog) => {
          answered += 1;
          this.backlogs[stream.partition] = backlog;
        },
      );
    }
    const done = new AbortController();
    void Promise.all(this.asking.values()).then(() => done.abort());
    await pause(LONGEST_LOOK_MS, done.signal);
    this.behind = this.backlogs.reduce((sum, one) => sum + one, 0);
    if (answered > 0) this.acceptedSince -= before;
  }

  private askFor<T>(what: number | 'memory', ask: () => Promise<T>, note: (answer: T) => void): void {
    if (this.asking.has(what)) return;
    // Without an answer the append itself will say what is wrong with Redis.
    const asking = ask().then(note, () => undefined);
    this.asking.set(
      what,
      asking.finally(() => this.asking.delete(what)),
    );
  }
}
