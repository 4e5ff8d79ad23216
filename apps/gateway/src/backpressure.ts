import { problem, RequestRefused } from '@millrace/host';
import { INBOX, inEveryPartition } from '@millrace/streams';

/** Asks how far a group is behind on a stream. */
export interface BacklogSource {
  backlog(stream: { readonly name: string; readonly partition: number }, group: string): Promise<number>;
}

const SAMPLE_EVERY_MS = 200;
const RETRY_AFTER_SECONDS = 2;

/**
 * Knows how far the router is behind. It is asked at most five times a second, and only while requests come; in between
 * what was accepted counts on top.
 */
export class Backpressure {
  private behind = 0;
  private acceptedSince = 0;
  private sampledAt = 0;
  private sampling: Promise<void> | undefined;

  constructor(
    private readonly source: BacklogSource,
    private readonly options: { readonly group: string; readonly partitions: number; readonly maxLag: number },
  ) {}

  /** Events that the router has not settled, as far as known. */
  get lag(): number {
    return this.behind + this.acceptedSince;
  }

  /** Throws a 429 where the router is too far behind. Called before anything is appended, never after. */
  async check(): Promise<void> {
    const age = Date.now() - this.sampledAt;
    if (age > SAMPLE_EVERY_MS) {
      const sampled = this.sample();
      // An old number says nothing; a recent one will do while the new one is on its way.
      if (age > 10 * SAMPLE_EVERY_MS || this.lag >= this.options.maxLag) await sampled;
    }
    if (this.lag < this.options.maxLag) return;
    throw new RequestRefused(
      problem(
        'backpressure',
        429,
        `The router is ${this.lag} events behind, the limit is ${this.options.maxLag}; nothing was accepted`,
      ),
      { 'retry-after': String(RETRY_AFTER_SECONDS) },
    );
  }

  accepted(events: number): void {
    this.acceptedSince += events;
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
    const streams = inEveryPartition(INBOX, this.options.partitions);
    const each = await Promise.all(streams.map((stream) => this.source.backlog(stream, this.options.group)));
    this.behind = each.reduce((sum, one) => sum + one, 0);
    this.acceptedSince -= before;
  }
}
