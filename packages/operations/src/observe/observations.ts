import { type StreamName, Unavailable } from '@millrace/streams';
import { type Connection, type GroupState, infoRecord, type Keys, type StreamState } from '@millrace/streams/redis';
import {
  type Answer,
  answered,
  askAll,
  type Functions,
  inspect,
  isNothing,
  keyBytes,
  type Query,
} from '@millrace/streams/redis/internal';

/** What one partition counted since its keys were made. */
export interface PartitionCounts {
  /** Events that were refused because they had come before. */
  readonly duplicates: number;
  /** Deliveries that were parked for another attempt. */
  readonly parked: number;
}

/** A group on a stream. */
export interface GroupOn {
  readonly stream: StreamName;
  readonly group: GroupState;
}

/** A member of a group, as Redis sees it. */
export interface ConsumerState {
  readonly name: string;
  readonly pending: number;
  /** Since it last asked for something. */
  readonly idleMs: number;
}

/** An entry that was handed out and not settled. */
export interface PendingEntry {
  readonly id: string;
  readonly consumer: string;
  readonly idleMs: number;
  readonly deliveries: number;
}

/** Looks at the state of things, beside the groups; changes nothing. Every method rejects with `Unavailable`. */
export class Observations {
  constructor(
    private readonly redis: Connection,
    private readonly functions: Functions,
    private readonly keys: Keys,
  ) {}

  /** The state of streams, in one round trip; the cost does not grow with their length. */
  streams(streams: readonly StreamName[]): Promise<StreamState[]> {
    return inspect({ redis: this.redis, functions: this.functions, keys: this.keys }, streams);
  }

  /** Counts of partitions, from the first on. */
  async counts(partitions: number): Promise<PartitionCounts[]> {
    const queries = Array.from(
      { length: partitions },
      (_, partition): Query => ['HMGET', this.keys.frames(partition), 'duplicates', 'parked'],
    );
    return (await askAll(this.redis, queries)).map((answer) => {
      const [duplicates, parked] = answered(answer) as (string | null)[];
      return { duplicates: Number(duplicates ?? 0), parked: Number(parked ?? 0) };
    });
  }

  /**
   * For each group the Unix milliseconds of its oldest unsettled entry: the oldest in flight, or the first that it was not
   * handed; undefined where there is none. Asks only for those that have something to do.
   */
  async oldestUnsettled(all: readonly GroupOn[]): Promise<(number | undefined)[]> {
    const isBusy = ({ group }: GroupOn) => group.pending + group.lag > 0;
    const busy = all.filter(isBusy).map(({ stream, group }) => ({ key: this.keys.stream(stream), group }));
    const firstAfter = ({ key, group }: { key: string; group: GroupState }) =>
      this.functions.call('first_id', [key], [`(${group.lastDeliveredId}`]).catch((error: unknown) => {
        if (error instanceof Unavailable) throw error;
      });
    const [pending, waiting] = await Promise.all([
      askAll(
        this.redis,
        busy.map(({ key, group }): Query => ['XPENDING', key, group.name]),
      ),
      Promise.all(busy.map(firstAfter)),
    ]);
    let at = 0;
    return all.map((one) => {
      if (!isBusy(one)) return undefined;
      const ids = [((pending[at] as Answer)[1] as unknown[] | null)?.[1], waiting[at]];
      at += 1;
      const times = ids.filter((id) => typeof id === 'string').map((id) => Number(id.split('-')[0]));
      return times.length === 0 ? undefined : Math.min(...times);
    });
  }

  /** Unix milliseconds at which a parked delivery is due; undefined where it is not parked. */
  async parkedUntil(group: string, partition: number, name: string): Promise<number | undefined> {
    const due = await this.redis.zscore(this.keys.parked(group, partition), name);
    return due === null ? undefined : Number(due);
  }

  /** The members of a group on a stream; none where there is no such group. */
  async consumers(stream: StreamName, group: string): Promise<ConsumerState[]> {
    const rows = await this.orNothing(this.redis.call('XINFO', 'CONSUMERS', this.keys.stream(stream), group));
    return (rows as unknown[]).map(infoRecord).map(({ name, pending, idle }) => ({
      name: String(name),
      pending: Number(pending),
      idleMs: Number(idle),
    }));
  }

  /** What a group has in flight on a stream, from the oldest on, at most `limit`. */
  async pending(
    stream: StreamName,
    group: string,
    limit: number,
    from = '-',
    to = '+',
    consumer?: string,
  ): Promise<PendingEntry[]> {
    const more = consumer === undefined ? [] : [consumer];
    const rows = await this.orNothing(
      this.redis.call('XPENDING', this.keys.stream(stream), group, from, to, limit, ...more),
    );
    return (rows as [string, string, number, number][]).map(([id, who, idle, deliveries]) => ({
      id,
      consumer: who,
      idleMs: Number(idle),
      deliveries: Number(deliveries),
    }));
  }

  /** Bytes that each stream takes, all but exactly to some 800 MB, which costs Redis up to 10 ms; null where it does not tell. */
  async bytes(streams: readonly StreamName[]): Promise<(number | null)[]> {
    return keyBytes(
      this.redis,
      streams.map((stream) => this.keys.stream(stream)),
    );
  }

  private async orNothing(answer: Promise<unknown>): Promise<unknown> {
    return answer.catch((error: Error) => {
      if (isNothing(error)) return [];
      throw error;
    });
  }
}
