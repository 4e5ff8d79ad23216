import type { EventResult, Problem } from '@millrace/admin-api';
import type { Principal } from '@millrace/api-keys';
import {
  type Decoded,
  digestOf,
  eventDigest,
  type IncomingEvent,
  type TraceContext,
  withTraceContext,
} from '@millrace/events';
import { Pace, problem } from '@millrace/host';
import { type AppendResult, INBOX, inEveryPartition, type Producer, partitionOf, Unavailable } from '@millrace/streams';
import { GateClosed, type Partitions } from '@millrace/streams/redis';
import { problemOf, schemaProblem } from '../problem.js';
import type { Schemas } from '../schemas/schemas.js';
import { type Append, Coalescer } from './coalescer.js';
import type { RequestTrace } from './request-trace.js';

/** Who sent the events, and the idempotency key of the request if it had one. */
export interface Sender {
  readonly principal: Principal;
  readonly idempotencyKey?: string | undefined;
  readonly trace?: RequestTrace | undefined;
}

/** What a request has for one partition. */
interface Part {
  readonly partition: number;
  /** Of its events in the request. */
  readonly indexes: number[];
  readonly appends: Append[];
}

/** How many partitions there are, and who is to be told where the store says otherwise. */
export type PartitionSource = Pick<Partitions, 'count' | 'ready' | 'refused'>;

/** Appends decoded events, each to its partition, and tells what became of each. */
export class Intake {
  private inboxes: readonly Coalescer[] = [];

  constructor(
    private readonly producer: Producer,
    private readonly partitions: PartitionSource,
    private readonly schemas: Pick<Schemas, 'known' | 'refusal'>,
    /** Whether a repeated event is recognised. */
    private readonly deduplicates: boolean,
    private readonly flushEvents?: number,
  ) {}

  /**
   * Results in the order of `decoded`; their indexes count from `firstIndex`. Where a partition cannot take its events
   * those are rejected, to be retried, beside other events that were accepted. Throws `Unavailable` if none could be.
   */
  async take(
    decoded: readonly Decoded[],
    sender: Sender,
    firstIndex = 0,
    isBatch = decoded.length > 1,
  ): Promise<EventResult[]> {
    await this.schemas.known();
    await this.partitions.ready();
    const publishing = sender.trace?.publish(decoded, isBatch);
    try {
      const results = await this.append(decoded, sender, firstIndex, isBatch, publishing?.context);
      publishing?.end();
      return results;
    } catch (error) {
      publishing?.end(error as Error);
      throw error;
    }
  }

  private async append(
    decoded: readonly Decoded[],
    sender: Sender,
    firstIndex: number,
    isBatch: boolean,
    context: TraceContext | undefined,
  ): Promise<EventResult[]> {
    const refusals = await this.refusals(decoded, sender.principal);
    const inboxes = this.inboxesNow();
    const results = new Array<EventResult>(decoded.length);
    const byPartition: (Part | undefined)[] = [];
    const pace = new Pace();
    for (const [i, one] of decoded.entries()) {
      if (pace.isDue) await pace.rest();
      const index = firstIndex + i;
      if (!one.ok) {
        const { problem: error } = problemOf(one.error);
        results[i] = { index, ...(one.id === undefined ? {} : { id: one.id }), status: 'rejected', error };
        continue;
      }
      const error = refusals[i];
      if (error !== undefined) {
        results[i] = { index, id: one.event.id, status: 'rejected', error };
        continue;
      }
      const partition = partitionOf(one.event.partitionKey, inboxes.length);
      const part = byPartition[partition] ?? { partition, indexes: [], appends: [] };
      byPartition[partition] = part;
      part.indexes.push(i);
      part.appends.push(this.toAppend(one.event, sender, isBatch ? index : undefined, context));
    }
    const parts = byPartition.filter((part) => part !== undefined);
    const failures: Unavailable[] = [];
    await Promise.all(
      parts.map(async ({ partition, indexes, appends }) => {
        const settled = await this.appendTo(inboxes[partition] as Coalescer, appends);
        indexes.forEach((i, n) => {
          const { id } = (decoded[i] as { event: IncomingEvent }).event;
          results[i] = toResult(firstIndex + i, id, settled instanceof Error ? settled : (settled[n] as AppendResult));
        });
        if (settled instanceof Error) failures.push(settled);
      }),
    );
    if (failures.length > 0 && failures.length === parts.length) throw failures[0];
    return results;
  }

  /** Lets other requests have their turn: to validate one event may take a tenth of a second. */
  private async refusals(decoded: readonly Decoded[], principal: Principal): Promise<(Problem | undefined)[]> {
    const refusals: (Problem | undefined)[] = [];
    const pace = new Pace();
    for (const one of decoded) {
      refusals.push(one.ok ? this.refusal(one.event, principal) : undefined);
      if (pace.isDue) await pace.rest();
    }
    return refusals;
  }

  /** What the key may not send is not looked at any further. */
  private refusal(event: IncomingEvent, principal: Principal): Problem | undefined {
    const forbidden = principal.refusal(event);
    if (forbidden !== undefined) return problem('forbidden', 403, forbidden);
    const violation = this.schemas.refusal(event);
    return violation === undefined ? undefined : schemaProblem(violation);
  }

  private toAppend(
    event: IncomingEvent,
    { principal, idempotencyKey }: Sender,
    index: number | undefined,
    context: TraceContext | undefined,
  ): Append {
    const json = context === undefined ? event.json : withTraceContext(event.json, context);
    const stored = { type: event.type, json };
    if (!this.deduplicates) return { event: stored, digests: [] };
    const digests = [eventDigest(event.source, event.id)];
    if (idempotencyKey !== undefined) {
      digests.push(
        digestOf(`key\n${principal.id}\n${index === undefined ? idempotencyKey : `${idempotencyKey}/${index}`}`),
      );
    }
    return { event: stored, digests };
  }

  /** One for each partition that there is. What is queued in those of another number is refused by the gates. */
  private inboxesNow(): readonly Coalescer[] {
    const { count } = this.partitions;
    if (this.inboxes.length === count) return this.inboxes;
    this.inboxes = inEveryPartition(INBOX, count).map(
      (stream) => new Coalescer(this.producer, stream, count, this.flushEvents),
    );
    return this.inboxes;
  }

  private async appendTo(inbox: Coalescer, appends: readonly Append[]): Promise<AppendResult[] | Unavailable> {
    try {
      return await inbox.append(appends);
    } catch (error) {
      if (error instanceof GateClosed) await this.partitions.refused(error);
      if (error instanceof Unavailable) return error;
      throw error;
    }
  }
}

const toResult = (index: number, id: string, result: AppendResult | Error): EventResult => {
  if (result instanceof Error) return { index, id, status: 'rejected', error: problemOf(result).problem };
  const { status, position: streamId } = result;
  return status === 'conflict' ? { index, id, status: 'rejected', error: CONFLICT } : { index, id, status, streamId };
};

// Whoever sent the other one may have had no right to send this one: it must not count as sent.
const CONFLICT = problem(
  'conflict',
  409,
  'An event of another type was accepted with the same source and id, or the same Idempotency-Key; an id identifies one event',
);
