import { type CloudEvent, parseEvent } from '@millrace/events';
import type { Health, Metrics } from '@millrace/host';
import {
  type Batch,
  type Delivery,
  type Outcome,
  outcomeOfError,
  PermanentError,
  type StoreCommand,
  topicOf,
  Unavailable,
} from '@millrace/streams';
import type { BatchTaker } from './batch-taker.js';
import type { DeliveryReport } from './delivery-report.js';
import type { Sink, SinkEvent } from './sink.js';

const ACK: Outcome = { kind: 'ack' };

/** An event that is parsed when somebody asks for it. */
class TextEvent implements SinkEvent {
  private parsed: CloudEvent | undefined;

  constructor(
    readonly topic: string,
    readonly delivery: Delivery,
  ) {}

  get event(): CloudEvent {
    this.parsed ??= parseEvent(this.delivery.event.json);
    return this.parsed;
  }
}

/** Gives batches to a sink and settles them by what it says: decode, write, report. */
export class Deliverer implements BatchTaker {
  readonly needs = 'target';
  private readonly seconds;

  constructor(
    private readonly sink: Sink,
    private readonly hop: string,
    private readonly report: DeliveryReport,
    health: Health,
    metrics: Metrics,
  ) {
    this.seconds = metrics.histogram('millrace_write_seconds', 'Duration of one write of a batch', ['hop']);
    health.up(this.needs);
  }

  /** Rejects with `Unavailable` where the sink says so. */
  async deliver(batch: Batch): Promise<void> {
    const outcomes = new Map<Delivery, Outcome>();
    const events: SinkEvent[] = [];
    for (const delivery of batch.deliveries) {
      const event = this.read(delivery);
      if (event instanceof Error) outcomes.set(delivery, outcomeOfError(event));
      else events.push(event);
    }
    for (const [index, outcome] of await this.take(events))
      outcomes.set((events[index] as SinkEvent).delivery, outcome);
    const settlement = await batch.settle((delivery) => outcomes.get(delivery) ?? ACK);
    this.report.add(batch.deliveries, settlement, outcomes);
  }

  private read(delivery: Delivery): SinkEvent | PermanentError {
    const read = new TextEvent(topicOf(delivery.stream) ?? delivery.stream, delivery);
    if (this.sink.takesText === true && delivery.event.json !== '') return read;
    try {
      void read.event;
      return read;
    } catch (cause) {
      return new PermanentError(`not a CloudEvent: ${(cause as Error).message}`, { cause });
    }
  }

  /** The outcomes of events by their index; those without one are done. */
  private async take(events: readonly SinkEvent[]): Promise<readonly (readonly [number, Outcome])[]> {
    if (events.length === 0) return [];
    const done = this.seconds.startTimer({ hop: this.hop });
    try {
      const commands = await this.sink.commands?.(events);
      if (commands !== undefined) return commands.map((command, index) => [index, outcomeOfCommand(command)]);
      const failures = (await this.sink.write(events)) ?? [];
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
