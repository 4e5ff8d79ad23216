import { storedJson, storedWhole } from '@millrace/streams';
import type { Connection, RedisTransport } from '@millrace/streams/redis';
import { answered, askAll, Functions } from '@millrace/streams/redis/internal';
import { VersionConflict } from '../errors.js';
import { Audit } from './audit.js';
import { DEFINITIONS_LIBRARY, type DefinitionFunction } from './library.js';

/** A field that is set to a JSON text, or deleted where that is null. */
export type FieldChange = readonly [field: string, json: string | null];

/** Who changes definitions, and the version that they looked at. */
export interface ChangeAuthor {
  /** The name of a key, a person. */
  readonly who: string;
  /** The version that the change is made for; without it, whatever there is. */
  readonly expected?: number | undefined;
}

/** The same, and what the change is called: `put`, `delete`, `rollback`. */
export interface NamedChange extends ChangeAuthor {
  readonly action: string;
}

/** A hash at a moment. */
export interface Versioned {
  /** 0 where it was never changed. */
  readonly version: number;
  /** JSON texts. */
  readonly values: ReadonlyMap<string, string>;
}

/** A field before and after a change; null where there was or is none. */
export interface RecordedChange {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** One version, as the history has it. */
export interface VersionRecord {
  readonly version: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly who: string;
  readonly action: string;
  readonly changes: readonly RecordedChange[];
}

const MOST_HISTORY = 10_000;
const MOST_TRIES = 10;
const PAGE = 500;

/**
 * A hash of which every change is a version with a record: what people decide, as routes and schemas. Beside it are
 * drafts, which nobody follows. Everything rejects with `Unavailable` where Redis is away.
 */
export class VersionedHash {
  private readonly hashKey: string;
  private readonly versionKey: string;
  private readonly historyKey: string;
  private readonly draftsKey: string;
  private readonly redis: Connection;
  private readonly functions: Functions<DefinitionFunction>;
  private readonly audit: Audit;

  constructor(
    transport: RedisTransport,
    /** `routes`: the keys are `{ctl}:routes`, `{ctl}:routes:version` and so on. */
    private readonly name: string,
  ) {
    const { connections, keys } = transport;
    this.redis = connections.requests;
    this.functions = new Functions(this.redis, DEFINITIONS_LIBRARY);
    this.audit = new Audit(transport);
    this.hashKey = keys.control(name);
    this.versionKey = keys.control(`${name}:version`);
    this.historyKey = keys.control(`${name}:history`);
    this.draftsKey = keys.control(`${name}:drafts`);
  }

  /** Its version: cheap enough to ask every second. */
  async version(): Promise<number> {
    return storedWhole(await this.redis.get(this.versionKey)) ?? 0;
  }

  /** All of it, and the version that it has in that moment. */
  async read(): Promise<Versioned> {
    for (;;) {
      const [before, values, after] = await askAll(this.redis, [
        ['GET', this.versionKey],
        ['HGETALL', this.hashKey],
        ['GET', this.versionKey],
      ]).then((answers) => answers.map(answered));
      // A change writes both in one step. MULTI would do as well, but is not for every user.
      if (before === after) return { version: storedWhole(before as string | null) ?? 0, values: valuesOf(values) };
    }
  }

  async drafts(): Promise<ReadonlyMap<string, string>> {
    return new Map(Object.entries(await this.redis.hgetall(this.draftsKey)));
  }

  /** Sets a draft, or deletes it where the text is null. No version comes of it. */
  async saveDraft(field: string, json: string | null): Promise<void> {
    if (json === null) await this.redis.hdel(this.draftsKey, field);
    else await this.redis.hset(this.draftsKey, field, json);
  }

  /**
   * Changes fields, and drafts with them, as one version, and gives that; where all of it is so already no version comes of
   * it, and the one that there is is given. `fieldsOf` is asked for what there is, again where another client was faster.
   * Rejects with a `VersionConflict` where there is another version than the expected one.
   */
  async change(
    author: NamedChange,
    fieldsOf: (now: Versioned) => readonly FieldChange[] | Promise<readonly FieldChange[]>,
    drafts: readonly FieldChange[] = [],
  ): Promise<number> {
    for (let tries = 1; ; tries += 1) {
      const now = await this.read();
      if (author.expected !== undefined && author.expected !== now.version) throw conflict(now.version, author);
      const changes = await fieldsOf(now);
      if (drafts.length === 0 && changes.every((change) => isSo(now, change))) return now.version;
      const [done, version] = await this.write(author, now, changes, drafts);
      if (done) {
        await this.tell(author, version, changes);
        return version;
      }
      if (author.expected !== undefined || tries === MOST_TRIES) throw conflict(version, author);
    }
  }

  /** Makes all fields what they were at a version, as a new one. Rejects with a `VersionConflict`. */
  async rollback(to: number, author: ChangeAuthor): Promise<number> {
    const now = await this.read();
    const then = await this.at(to, now);
    const changes = [...new Set([...now.values.keys(), ...then.keys()])]
      .filter((field) => now.values.get(field) !== then.get(field))
      .map((field): FieldChange => [field, then.get(field) ?? null]);
    if (changes.length === 0) throw new VersionConflict(`nothing to roll back: everything is as at version ${to}`);
    return this.change({ ...author, action: 'rollback', expected: now.version }, () => changes);
  }

  /** What the fields were at a version. Rejects with a `VersionConflict` where the history does not reach so far. */
  async at(version: number, now?: Versioned): Promise<Map<string, string>> {
    const { version: current, values } = now ?? (await this.read());
    if (version > current || version < 0) {
      throw new VersionConflict(`there is no version ${version}; versions are 0 to ${current}`);
    }
    const state = new Map(values);
    const since = (await this.history(current - version, current + 1)).filter((one) => one.version > version);
    if (since.length < current - version) {
      throw new VersionConflict(`version ${version} is no longer retained`);
    }
    for (const { changes } of since) {
      for (const { field, before } of changes) {
        if (before === null) state.delete(field);
        else state.set(field, before);
      }
    }
    return state;
  }

  /** Records of changes, the newest first: those of versions below `before`, at most `limit`. */
  async history(limit: number, before = Number.POSITIVE_INFINITY): Promise<VersionRecord[]> {
    const found: VersionRecord[] = [];
    for (let end = '+'; found.length < limit; ) {
      const rows = await this.redis.xrevrange(this.historyKey, end, '-', 'COUNT', PAGE);
      found.push(...rows.map(([id, fields]) => recordOf(id, fields)).filter(({ version }) => version < before));
      if (rows.length < PAGE) break;
      end = `(${rows.at(-1)?.[0]}`;
    }
    return found.slice(0, limit);
  }

  private tell({ who, action }: NamedChange, version: number, changes: readonly FieldChange[]): Promise<void> {
    const detail = { version, changed: changes.map(([field]) => field) };
    // The change is done, and its record is in the history: that the audit cannot be reached is no reason to say otherwise.
    return this.audit.add(who, `${action} ${this.name}`, detail).catch(() => undefined);
  }

  private async write(
    { who, action }: NamedChange,
    now: Versioned,
    values: readonly FieldChange[],
    drafts: readonly FieldChange[],
  ): Promise<[done: boolean, version: number]> {
    const changes = values.map(
      ([field, after]): RecordedChange => ({
        field,
        after,
        before: now.values.get(field) ?? null,
      }),
    );
    const [done, version] = (await this.functions.call(
      'change',
      [this.hashKey, this.versionKey, this.historyKey, this.draftsKey],
      [
        ...[now.version, MOST_HISTORY, values.length, drafts.length],
        ...[...values, ...drafts].flatMap(([field, json]) => [field, json === null ? 0 : 1, json ?? '']),
        ...['who', who, 'action', action, 'changes', JSON.stringify(changes)],
      ],
    )) as [number, number];
    return [done === 1, version];
  }
}

const isSo = ({ values }: Versioned, [field, json]: FieldChange): boolean => (values.get(field) ?? null) === json;

const conflict = (version: number, { expected }: NamedChange): VersionConflict =>
  new VersionConflict(
    `it is at version ${version}, not ${expected ?? 'what it was'}: it was changed by another client`,
  );

const changesIn = (json: string | undefined): RecordedChange[] => {
  const changes = storedJson(json);
  return Array.isArray(changes) ? changes.filter((one) => typeof one?.field === 'string') : [];
};

const recordOf = (id: string, fields: readonly string[]): VersionRecord => {
  const of = (name: string): string | undefined => {
    const at = fields.indexOf(name);
    return at % 2 === 0 ? fields[at + 1] : undefined;
  };
  return {
    version: storedWhole(of('version')) ?? 0,
    at: Number(id.split('-')[0]),
    who: of('who') ?? '',
    action: of('action') ?? '',
    changes: changesIn(of('changes')),
  };
};

/** An object in RESP3, names and values in turn in RESP2. */
const valuesOf = (hash: unknown): Map<string, string> => {
  if (!Array.isArray(hash)) return new Map(Object.entries(hash as Record<string, string>));
  return new Map(hash.flatMap((name: string, i) => (i % 2 === 0 ? [[name, hash[i + 1] as string]] : [])));
};
