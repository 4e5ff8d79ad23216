import type { AppendResult, Producer, StreamedEvent, StreamName } from '@millrace/streams';

/** An event on its way to a stream. */
export interface Append {
  readonly event: StreamedEvent;
  readonly digests: readonly string[];
}

interface Waiting {
  readonly appends: readonly Append[];
  readonly resolve: (results: AppendResult[]) => void;
  readonly reject: (error: Error) => void;
}

/** More flushes at once gain nothing: Redis does one thing at a time; fewer leave it idle while the answer travels. */
const FLUSHES_IN_FLIGHT = 3;

/** Appends to one stream what came in the same turn of the event loop, or while earlier flushes were in flight, as one. */
export class Coalescer {
  private waiting: Waiting[] = [];
  private scheduled = false;
  private inFlight = 0;

  constructor(
    private readonly producer: Producer,
    private readonly stream: StreamName,
    /** Of how many partitions the stream's was chosen. */
    private readonly among: number,
    /** Most events of a flush, but for one request that has more. */
    private readonly flushEvents = 500,
  ) {}

  /** As `Producer.append`. Requests do not share a failure's cause, only its moment: all of a flush fail together. */
  append(appends: readonly Append[]): Promise<AppendResult[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ appends, resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.inFlight >= FLUSHES_IN_FLIGHT || this.waiting.length === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      void this.flush(this.take());
    });
  }

  private take(): Waiting[] {
    let events = 0;
    let count = 0;
    for (const { appends } of this.waiting) {
      if (count > 0 && events + appends.length > this.flushEvents) break;
      events += appends.length;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private async flush(taken: readonly Waiting[]): Promise<void> {
    this.inFlight += 1;
    this.schedule();
    const appends = taken.flatMap((one) => one.appends);
    try {
      const results = await this.producer.append(
        this.stream,
        appends.map(({ event }) => event),
        { digests: appends.map(({ digests }) => digests), among: this.among },
      );
      let from = 0;
      for (const { appends: own, resolve } of taken) {
        resolve(results.slice(from, from + own.length));
        from += own.length;
      }
    } catch (error) {
      for (const { reject } of taken) reject(error as Error);
    } finally {
      this.inFlight -= 1;
      this.schedule();
    }
  }
}
