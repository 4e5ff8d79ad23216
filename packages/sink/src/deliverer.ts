import type { BatchContext, Health, Logger, Metrics } from '@millrace/host';
import {
  type Batch,
  type Delivery,
  type Outcome,
  outcomeOfError,
  PermanentError,
  type StoreCommand,
  sharedAbort,
  Unavailable,
} from '@millrace/streams';
import type { OnApplicationShutdown, OnModuleDestroy } from '@nestjs/common';
import type { BatchTaker } from './batch-taker.js';
import { HeldTopics } from './held-topics.js';
import { type DataClass, sinkEventOf } from './received-event.js';
import type { Sink, SinkContext, SinkEvent, WriteFailure } from './sink.js';

/** How a sink is written to. */
export interface DelivererOptions {
  readonly hop: string;
  /** Of `data`, where the sink wants it checked. */
  readonly data?: DataClass | undefined;
  /** Parts of a batch that are written at once. */
  readonly concurrency?: number | undefined;
  /** How long a write may go on once the process stops, in milliseconds. */
  readonly graceMs: number;
  /** Called with topics whose target is away while others are not. Default: nobody. */
  readonly log?: Logger | undefined;
}

type Outcomes = readonly (readonly [number, Outcome])[];

/** Gives batches to a sink, and says what is to become of them by what it says: decode, write. */
export class Deliverer implements BatchTaker, OnApplicationShutdown, OnModuleDestroy {
  readonly needs = 'target';
  private readonly seconds;
  private readonly overdue = sharedAbort();
  private grace: NodeJS.Timeout | undefined;
  private readonly context: SinkContext = { signal: this.overdue.signal };
  private readonly held: HeldTopics;

  constructor(
    private readonly sink: Sink,
    private readonly options: DelivererOptions,
    health: Health,
    metrics: Metrics,
  ) {
    this.seconds = metrics.histogram('millrace_write_seconds', 'Duration of one write of a batch', ['hop']);
    health.up(this.needs);
    this.held = new HeldTopics(health, options.log);
  }

  holds(topic: string): boolean {
    return this.held.has(topic);
  }

  onModuleDestroy(): void {
    this.held.close();
    this.grace = setTimeout(() => this.overdue.abort(), this.options.graceMs);
  }

  /** Nothing is written any more. */
  onApplicationShutdown(): void {
    clearTimeout(this.grace);
  }

  /** Rejects with `Unavailable` where the sink says so. */
  readonly take = async ({ deliveries }: Batch, { spans }: BatchContext): Promise<ReadonlyMap<Delivery, Outcome>> => {
    const context = spans === undefined ? this.context : { ...this.context, spans };
    const outcomes = new Map<Delivery, Outcome>();
    const events: SinkEvent[] = [];
    for (const delivery of deliveries) {
      const event = this.read(delivery);
      if (event instanceof Error) outcomes.set(delivery, outcomeOfError(event));
      else events.push(event);
    }
    for (const [index, outcome] of this.hold(events, await this.write(events, context)))
      outcomes.set((events[index] as SinkEvent).delivery, outcome);
    return outcomes;
  };

  /** A topic of which nothing arrived, and something waits, waits as a whole; one of which something arrived does not. */
  private hold(events: readonly SinkEvent[], outcomes: Outcomes): Outcomes {
    const waits = new Map<string, Extract<Outcome, { kind: 'wait' }>>();
    for (const [index, outcome] of outcomes) {
      if (outcome.kind === 'wait') waits.set((events[index] as SinkEvent).topic, outcome);
    }
    const failed = new Set(
      outcomes.flatMap(([index, { kind }]) => (kind === 'apply' || kind === 'ack' ? [] : [index])),
    );
    const arrived = new Set(events.flatMap(({ topic }, index) => (failed.has(index) ? [] : [topic])));
    for (const topic of arrived) this.held.release(topic);
    if (waits.size === 0) return outcomes;
    const afterMs = new Map<string, number>();
    for (const [topic, { cause }] of waits)
      if (!arrived.has(topic)) afterMs.set(topic, this.held.hold(topic, cause.message));
    return outcomes.map(([index, outcome]) => {
      const ms = afterMs.get((events[index] as SinkEvent).topic);
      return [index, outcome.kind === 'wait' && ms !== undefined ? { ...outcome, afterMs: ms } : outcome];
    });
  }

  private read(delivery: Delivery): SinkEvent | PermanentError {
    const { data } = this.options;
    const read = sinkEventOf(delivery, undefined, data);
    if (this.sink.takesText === true && delivery.event.json !== '') return read;
    try {
      void read.event;
      if (data !== undefined) void read.data;
      return read;
    } catch (cause) {
      if (cause instanceof PermanentError) return cause;
      return new PermanentError(`not a CloudEvent: ${(cause as Error).message}`, { cause });
    }
  }

  /** In as many parts at once as the sink wants, each to its end: while one is in progress the batch may not come again. */
  private async writeParts(events: readonly SinkEvent[], context: SinkContext): Promise<readonly WriteFailure[]> {
    const { concurrency = 1 } = this.options;
    const size = Math.ceil(events.length / concurrency);
    const parts = Array.from({ length: Math.ceil(events.length / size) }, (_, n) => n * size);
    const done = await Promise.allSettled(
      parts.map((from) => this.writePart(events.slice(from, from + size), from, context)),
    );
    return done.flatMap((part) => {
      if (part.status === 'rejected') throw part.reason;
      return part.value;
    });
  }

  /** Failures by their index in the batch. Where all of the part failed, the other parts have nothing to do with it. */
  private async writePart(
    events: readonly SinkEvent[],
    from: number,
    context: SinkContext,
  ): Promise<readonly WriteFailure[]> {
    try {
      const failed = (await this.sink.write(events, context)) ?? [];
      return failed.map(({ index, error }) => {
        if (events[index] !== undefined) return { index: from + index, error };
        throw new RangeError(`the sink names the event ${index} of ${events.length} as failed`, { cause: error });
      });
    } catch (thrown) {
      if (thrown instanceof Unavailable) throw thrown;
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      return events.map((_, index) => ({ index: from + index, error }));
    }
  }

  /** The outcomes of events by their index; those without one are done. */
  private async write(events: readonly SinkEvent[], context: SinkContext): Promise<Outcomes> {
    if (events.length === 0) return [];
    const done = this.seconds.startTimer({ hop: this.options.hop });
    try {
      const commands = await this.sink.commands?.(events);
      if (commands !== undefined) return commands.map((command, index) => [index, outcomeOfCommand(command)]);
      const failures = await this.writeParts(events, context);
      return failures.map(({ index, error }) => [index, outcomeOfError(error)]);
    } catch (error) {
      if (error instanceof Unavailable) throw error;
      const outcome = outcomeOfError(error instanceof Error ? error : new Error(String(error)));
      return events.map((_, index) => [index, outcome]);
    } finally {
      done();
    }
  }
}

const outcomeOfCommand = (command: StoreCommand | Error): Outcome =>
  command instanceof Error ? outcomeOfError(command) : { kind: 'apply', command };
