import { type Decoded, digestOf, eventDigest, type IncomingEvent } from '@millrace/events';
import type { Problem } from '@millrace/host';
import { type AppendResult, INBOX, inEveryPartition, type Producer, partitionOf, Unavailable } from '@millrace/streams';
import { GateClosed, type Partitions } from '@millrace/streams/redis';
import { type Append, Coalescer } from './coalescer.js';
import { problemOf, schemaProblem } from './problem.js';
import type { Schemas } from './schemas/schemas.js';

/** What became of one event of a request. */
export type EventResult =
  | {
      readonly index: number;
      readonly id: string;
      readonly status: 'accepted' | 'duplicate';
      readonly streamId: string;
    }
  | { readonly index: number; readonly id?: string; readonly status: 'rejected'; readonly error: Problem };

/** Who sent the events, and the idempotency key of the request if it had one. */
export interface Sender {
  readonly apiKey: string;
  readonly idempotencyKey?: string | undefined;
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
   * those are rejected, to be retried, beside neighbours that were accepted. Throws `Unavailable` if none could be.
   */
  async take(
    decoded: readonly Decoded[],
    sender: Sender,
    firstIndex = 0,
    isBatch = decoded.length > 1,
  ): Promise<EventResult[]> {
    await this.schemas.known();
    await this.partitions.ready();
    const inboxes = this.inboxesNow();
    const results = new Array<EventResult>(decoded.length);
    const byPartition: (Part | undefined)[] = [];
    decoded.forEach((one, i) => {
      const index = firstIndex + i;
      if (!one.ok) {
        const { problem } = problemOf(one.error);
        results[i] = { index, ...(one.id === undefined ? {} : { id: one.id }), status: 'rejected', error: problem };
        return;
      }
      const refusal = this.schemas.refusal(one.event);
      if (refusal !== undefined) {
        results[i] = { index, id: one.event.id, status: 'rejected', error: schemaProblem(refusal) };
        return;
      }
      const partition = partitionOf(one.event.partitionKey, inboxes.length);
      const part = byPartition[partition] ?? { partition, indexes: [], appends: [] };
      byPartition[partition] = part;
      part.indexes.push(i);
      part.appends.push(this.toAppend(one.event, sender, isBatch ? index : undefined));
    });
    const parts = byPartition.filter((part) => part !== undefined);
    const failures: Unavailable[] = [];
    await Promise.all(
      parts.map(async ({ partition, indexes, appends }) => {
        const settled = await this.append(inboxes[partition] as Coalescer, appends);
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

  private toAppend(event: IncomingEvent, { apiKey, idempotencyKey }: Sender, index: number | undefined): Append {
    const stored = { type: event.type, json: event.json };
    if (!this.deduplicates) return { event: stored, digests: [] };
    const digests = [eventDigest(event.source, event.id)];
    if (idempotencyKey !== undefined) {
      digests.push(digestOf(`key\n${apiKey}\n${index === undefined ? idempotencyKey : `${idempotencyKey}/${index}`}`));
    }
    return { event: stored, digests };
  }

  /** One for each partition that there is. What waits in those of another number is refused by the gates. */
  private inboxesNow(): readonly Coalescer[] {
    const { count } = this.partitions;
    if (this.inboxes.length === count) return this.inboxes;
    this.inboxes = inEveryPartition(INBOX, count).map(
      (stream) => new Coalescer(this.producer, stream, count, this.flushEvents),
    );
    return this.inboxes;
  }

  private async append(inbox: Coalescer, appends: readonly Append[]): Promise<AppendResult[] | Unavailable> {
    try {
      return await inbox.append(appends);
    } catch (error) {
      if (error instanceof GateClosed) await this.partitions.refused(error);
      if (error instanceof Unavailable) return error;
      throw error;
    }
  }
}

const toResult = (index: number, id: string, result: AppendResult | Error): EventResult =>
  result instanceof Error
    ? { index, id, status: 'rejected', error: problemOf(result).problem }
    : { index, id, status: result.status, streamId: result.position };
