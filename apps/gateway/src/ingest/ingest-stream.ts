import type { IngestEntry, IngestSummary, Measurement } from '@millrace/admin-api';
import { infoRecord, type RedisTransport } from '@millrace/streams/redis';
import type { IngestConfig } from './ingest-config.js';
import { fromFields, toFields } from './measurement.js';

/** An entry that is no measurement, and why. */
export interface BadEntry extends IngestEntry {
  readonly reason: string;
}

type Rows = readonly (readonly [string, readonly string[] | null])[];

/** What a worker left unacknowledged for so long is taken over. */
const ABANDONED_AFTER_MS = 30_000;

// Entries whose payload was deleted have no fields left.
const toEntries = (rows: Rows): IngestEntry[] => rows.map(([id, fields]) => ({ id, value: fromFields(fields ?? []) }));

// One stream was asked for: RESP3 answers [key, rows], RESP2 [[key, rows]].
const rowsOf = (answer: unknown): Rows => {
  if (answer === null) return [];
  const [first, second] = answer as [unknown, unknown];
  return (Array.isArray(first) ? first[1] : second) as Rows;
};

/** The stream of measurements, its consumer group and its dead letters, as plain Redis commands. */
export class IngestStream {
  private readonly redis;
  private readonly key: string;
  private readonly deadKey: string;

  constructor(
    transport: RedisTransport,
    private readonly config: IngestConfig,
  ) {
    // The stream and its dead letters change in one step, so they are in one slot.
    const { prefix } = transport.keys;
    this.key = prefix + config.INGEST_STREAM_KEY;
    this.deadKey = prefix + config.INGEST_DEAD_LETTER_KEY;
    this.redis = transport.connections.connectTo(this.key, 'ingest');
  }

  /** Gives the entry's id; undefined, and nothing is appended, where as many as there may be wait for a worker. */
  async append(measurement: Measurement): Promise<string | undefined> {
    if ((await this.waiting()) >= this.config.INGEST_MAX_LENGTH) return undefined;
    return (await this.redis.xadd(this.key, ...this.bound, '*', ...toFields(measurement))) as string;
  }

  /** The newest entries, newest first. */
  async recent(limit: number): Promise<IngestEntry[]> {
    return toEntries((await this.redis.xrevrange(this.key, '+', '-', 'COUNT', limit)) as Rows);
  }

  /** At most `count` entries for the consumer: what it has not acknowledged, what others abandoned, then new ones. */
  async read(consumer: string, count: number): Promise<IngestEntry[]> {
    await this.makeGroup();
    const own = await this.readFrom('0', consumer, count);
    const abandoned = await this.claim(consumer, count - own.length);
    const fresh = await this.readFrom('>', consumer, count - own.length - abandoned.length);
    return [...own, ...abandoned, ...fresh];
  }

  /** Moves the bad entries to the dead letters and acknowledges all, in one step. Gives how many were acknowledged. */
  async settle(entries: readonly IngestEntry[], bad: readonly BadEntry[]): Promise<number> {
    if (entries.length === 0) return 0;
    const step = this.redis.multi();
    for (const { id, reason, value } of bad) {
      const fields = ['messageId', id, 'reason', reason, 'payload', JSON.stringify(value)];
      step.xadd(this.deadKey, ...this.bound, '*', ...fields);
    }
    step.xack(this.key, this.group, ...entries.map(({ id }) => id));
    const results = (await step.exec()) ?? [];
    const failed = results.find(([error]) => error !== null);
    if (failed !== undefined) throw failed[0] as Error;
    return Number(results.at(-1)?.[1]);
  }

  async summary(): Promise<IngestSummary['queue']> {
    await this.makeGroup();
    const [total, pending, dead] = await Promise.all([
      this.redis.xlen(this.key),
      this.redis.call('XPENDING', this.key, this.group) as Promise<[number]>,
      this.redis.xlen(this.deadKey),
    ]);
    return { total, pending: Number(pending[0]), dead_lettered: dead };
  }

  /** What is queued is fewer than that, so only what a worker had is trimmed, or what one has left for long. */
  private get bound(): ['MAXLEN', '~', number] {
    return ['MAXLEN', '~', this.config.INGEST_MAX_LENGTH];
  }

  private get group(): string {
    return this.config.INGEST_CONSUMER_GROUP;
  }

  /** Measurements that no worker has acknowledged. */
  private async waiting(): Promise<number> {
    await this.makeGroup();
    const groups = (await this.redis.xinfo('GROUPS', this.key)) as unknown[];
    const own = groups.map(infoRecord).find(({ name }) => name === this.group);
    // Where entries were deleted Redis cannot tell the lag.
    return Number(own?.['pending'] ?? 0) + Number(own?.['lag'] ?? (await this.redis.xlen(this.key)));
  }

  private async makeGroup(): Promise<void> {
    try {
      await this.redis.xgroup('CREATE', this.key, this.group, '0', 'MKSTREAM');
    } catch (error) {
      if (!(error as Error).message.startsWith('BUSYGROUP')) throw error;
    }
  }

  private async readFrom(id: '0' | '>', consumer: string, count: number): Promise<IngestEntry[]> {
    if (count <= 0) return [];
    const { key, group } = this;
    return toEntries(
      rowsOf(await this.redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count, 'STREAMS', key, id)),
    );
  }

  private async claim(consumer: string, count: number): Promise<IngestEntry[]> {
    if (count <= 0) return [];
    const { key, group } = this;
    const answer = await this.redis.call('XAUTOCLAIM', key, group, consumer, ABANDONED_AFTER_MS, '0-0', 'COUNT', count);
    return toEntries((answer as [string, Rows])[1]);
  }
}
