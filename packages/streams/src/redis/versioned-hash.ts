import type { Redis } from 'ioredis';
import { asUnavailable } from './connection.js';
import type { Functions } from './functions.js';
import type { Keys } from './keys.js';

/** A field that is set, or deleted where the value is null. */
export type FieldChange = readonly [field: string, value: string | null];

/** What is changed as one version. */
export interface Change {
  /** The version that the hash has to have; without it, whatever it has. */
  readonly expected?: number | undefined;
  readonly values?: readonly FieldChange[];
  readonly drafts?: readonly FieldChange[];
  /** What the history says of it, beside the version. */
  readonly record: Readonly<Record<string, string>>;
}

/** A hash at a moment. */
export interface Versioned {
  /** 0 where it was never changed. */
  readonly version: number;
  readonly values: ReadonlyMap<string, string>;
}

/** The hash is at another version than the one that the change was made for. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';

  constructor(
    readonly version: number,
    expected: number | undefined,
  ) {
    super(`it is at version ${version}, not ${expected}: somebody changed it meanwhile`);
  }
}

/** How many changes are remembered. */
const MOST_HISTORY = 10_000;

/**
 * A hash of which every change is a version with a record: what people decide, as routes and schemas. Beside it are
 * drafts, which nobody follows. Everything rejects with `Unavailable` where Redis is away.
 */
export class VersionedHash {
  private readonly hashKey: string;
  private readonly versionKey: string;
  private readonly historyKey: string;
  private readonly draftsKey: string;

  constructor(
    private readonly redis: Redis,
    private readonly functions: Functions,
    keys: Keys,
    /** `routes`: the keys are `{ctl}:routes`, `{ctl}:routes:version` and so on. */
    name: string,
  ) {
    this.hashKey = keys.control(name);
    this.versionKey = keys.control(`${name}:version`);
    this.historyKey = keys.control(`${name}:history`);
    this.draftsKey = keys.control(`${name}:drafts`);
  }

  /** Its version: cheap enough to ask every second. */
  async version(): Promise<number> {
    return Number((await this.redis.get(this.versionKey).catch(unavailable)) ?? 0);
  }

  /** All of it, and the version that it has in that moment. */
  async read(): Promise<Versioned> {
    const answers = await this.redis.multi().get(this.versionKey).hgetall(this.hashKey).exec().catch(unavailable);
    const [version, values] = (answers ?? []).map(([error, value]) => {
      if (error !== null) throw asUnavailable(error);
      return value;
    });
    return { version: Number(version ?? 0), values: new Map(Object.entries(values as Record<string, string>)) };
  }

  async drafts(): Promise<ReadonlyMap<string, string>> {
    return new Map(Object.entries(await this.redis.hgetall(this.draftsKey).catch(unavailable)));
  }

  /** Sets a draft, or deletes it where the value is null. No version comes of it. */
  async saveDraft(field: string, value: string | null): Promise<void> {
    if (value === null) await this.redis.hdel(this.draftsKey, field).catch(unavailable);
    else await this.redis.hset(this.draftsKey, field, value).catch(unavailable);
  }

  /** Gives the new version. Rejects with a `VersionConflict` where it was made for another one. */
  async change({ expected, values = [], drafts = [], record }: Change): Promise<number> {
    const [done, version] = (await this.functions.call(
      'change',
      [this.hashKey, this.versionKey, this.historyKey, this.draftsKey],
      [
        ...[expected ?? '', MOST_HISTORY, values.length, drafts.length],
        ...[...values, ...drafts].flatMap(([field, value]) => [field, value === null ? 0 : 1, value ?? '']),
        ...Object.entries(record).flat(),
      ],
    )) as [number, number];
    if (done === 0) throw new VersionConflict(version, expected);
    return version;
  }

  /** Records of changes, the newest first: those of versions below `before`, at most `limit`. */
  async history(limit: number, before = Number.POSITIVE_INFINITY): Promise<Readonly<Record<string, string>>[]> {
    const found: Record<string, string>[] = [];
    for (let end = '+'; found.length < limit; ) {
      const rows = await this.redis.xrevrange(this.historyKey, end, '-', 'COUNT', PAGE).catch(unavailable);
      const records = rows.map(([id, fields]) => ({ at: id.split('-')[0] as string, ...recordOf(fields) }));
      found.push(...records.filter(({ version }) => Number(version) < before));
      if (rows.length < PAGE) break;
      end = `(${rows.at(-1)?.[0]}`;
    }
    return found.slice(0, limit);
  }
}

const PAGE = 500;

const unavailable = (error: unknown): never => {
  throw asUnavailable(error);
};

const recordOf = (fields: readonly string[]): Record<string, string> & { version: string } => {
  const record: Record<string, string> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) record[fields[i] as string] = fields[i + 1] as string;
  return { version: '0', ...record };
};
