import type { FieldChange, RedisTransport, Versioned, VersionedHash } from '@millrace/streams/redis';
import { asUnavailable, VersionConflict } from '@millrace/streams/redis';
import { parseRoute, type Route, RouteError, type WrittenRoute } from './route.js';

/** The stored routes of one version. */
export interface RouteSet {
  readonly version: number;
  readonly routes: readonly Route[];
  /** What is stored and is no route; it is left out. */
  readonly invalid: readonly RouteError[];
}

/** Who changes routes, and which version they looked at. */
export interface By {
  /** Who: the name of a key, a person. */
  readonly who: string;
  /** The version that the change was made for; without it, any. */
  readonly expected?: number | undefined;
}

/** A route before and after a change; null where there was or is none. */
export interface RouteChange {
  readonly name: string;
  readonly before: WrittenRoute | null;
  readonly after: WrittenRoute | null;
}

/** One version, as the history has it. */
export interface StoredChange {
  readonly version: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly who: string;
  readonly action: 'put' | 'delete' | 'promote' | 'rollback' | string;
  readonly changes: readonly RouteChange[];
}

/** A change that cannot be made as things are. */
export class RouteConflict extends Error {
  override readonly name = 'RouteConflict';
}

/** The routes in Redis: each change is a version with a record; drafts are beside them and route nothing. */
export class RouteStore {
  private readonly hash: VersionedHash;
  private readonly redis: ReturnType<RedisTransport['connect']>;
  private readonly fileKey: string;

  constructor(transport: RedisTransport) {
    this.hash = transport.versioned('routes');
    this.redis = transport.connect('routes');
    this.fileKey = transport.keys.control('routes:file');
  }

  /** Cheap enough to ask every second. */
  version(): Promise<number> {
    return this.hash.version();
  }

  async read(): Promise<RouteSet> {
    return setOf(await this.hash.read());
  }

  /** A router says which routes it has from a file; it says so again while it lives. */
  async publishFile(routes: readonly Route[]): Promise<void> {
    const json = JSON.stringify(routes.map(({ written }) => written));
    await this.redis.set(this.fileKey, json, 'PX', FILE_KNOWN_MS).catch((error: unknown) => {
      throw asUnavailable(error);
    });
  }

  /** Routes of the routers' file: nobody but the file changes them. */
  async fromFile(): Promise<Route[]> {
    const json = await this.redis.get(this.fileKey).catch((error: unknown) => {
      throw asUnavailable(error);
    });
    return (JSON.parse(json ?? '[]') as unknown[]).map((written, i) => parseRoute(written, `route ${i + 1}`));
  }

  async drafts(): Promise<ReadonlyMap<string, WrittenRoute>> {
    return new Map([...(await this.hash.drafts())].map(([name, json]) => [name, JSON.parse(json) as WrittenRoute]));
  }

  /** Puts a route in force. Gives the new version. Throws a `RouteError`; rejects with a `RouteConflict`. */
  put(written: WrittenRoute, by: By): Promise<number> {
    return this.putAll([written], by);
  }

  /** The same with several, as one version. */
  putAll(written: readonly WrittenRoute[], by: By): Promise<number> {
    const fields = written.map((one): FieldChange => [parseRoute(one, 'the route').name, JSON.stringify(one)]);
    return this.change('put', by, () => fields);
  }

  /** Rejects with a `RouteError` where there is no such route. */
  delete(name: string, by: By): Promise<number> {
    return this.change('delete', by, ({ values }) => {
      if (!values.has(name)) throw new RouteError(`there is no route "${name}" in Redis`);
      return [[name, null]];
    });
  }

  /** Keeps a draft, which routes nothing until it is promoted. */
  async draft(written: WrittenRoute): Promise<void> {
    const { name } = parseRoute(written, 'the draft');
    await this.hash.saveDraft(name, JSON.stringify(written));
  }

  async dropDraft(name: string): Promise<void> {
    await this.hash.saveDraft(name, null);
  }

  /** Puts a draft in force. */
  async promote(name: string, by: By): Promise<number> {
    const draft = (await this.hash.drafts()).get(name);
    if (draft === undefined) throw new RouteError(`there is no draft "${name}"`);
    parseRoute(JSON.parse(draft), `draft "${name}"`);
    return this.change('promote', by, () => [[name, draft]], [[name, null]]);
  }

  /** Makes all routes what they were at a version, as a new one. */
  async rollback(to: number, by: By): Promise<number> {
    const now = await this.hash.read();
    const then = await this.at(to, now);
    const names = new Set([...now.values.keys(), ...then.keys()]);
    const changes = [...names]
      .filter((name) => now.values.get(name) !== then.get(name))
      .map((name): FieldChange => [name, then.get(name) ?? null]);
    if (changes.length === 0) throw new RouteConflict(`the routes are what they were at version ${to}`);
    return this.change('rollback', { ...by, expected: now.version }, () => changes);
  }

  /** What the routes were at a version, by name. Rejects with a `RouteConflict` where the history does not reach so far. */
  async at(version: number, now?: Versioned): Promise<Map<string, string>> {
    const { version: current, values } = now ?? (await this.hash.read());
    if (version > current || version < 0) {
      throw new RouteConflict(`there is no version ${version}; versions are 0 to ${current}`);
    }
    const state = new Map(values);
    const since = await this.history(current - version, current + 1);
    if (since.length < current - version) {
      throw new RouteConflict(`what the routes were at version ${version} is not known any more`);
    }
    for (const { changes } of since) {
      for (const { name, before } of changes) {
        if (before === null) state.delete(name);
        else state.set(name, JSON.stringify(before));
      }
    }
    return state;
  }

  /** Changes, the newest first: at most `limit`, those of versions below `before`. */
  async history(limit: number, before?: number): Promise<StoredChange[]> {
    const records = await this.hash.history(limit, before);
    return records.map(({ version, at, who = '', action = '', changes = '[]' }) => ({
      ...{ version: Number(version), at: Number(at), who, action },
      changes: JSON.parse(changes) as RouteChange[],
    }));
  }

  // Always made for the version that was read: what the record says was there before, was.
  private async change(
    action: string,
    { who, expected }: By,
    fieldsOf: (now: Versioned) => readonly FieldChange[],
    drafts: readonly FieldChange[] = [],
  ): Promise<number> {
    for (let tries = 1; ; tries += 1) {
      const now = await this.hash.read();
      if (expected !== undefined && expected !== now.version) {
        throw new RouteConflict(new VersionConflict(now.version, expected).message);
      }
      const values = fieldsOf(now);
      const changes = values.map(([name, after]) => changeOf(name, now.values.get(name), after));
      const record = { who, action, changes: JSON.stringify(changes) };
      try {
        return await this.hash.change({ expected: now.version, values, drafts, record });
      } catch (error) {
        if (!(error instanceof VersionConflict)) throw error;
        if (expected !== undefined || tries === MOST_TRIES) throw new RouteConflict(error.message);
      }
    }
  }
}

const MOST_TRIES = 10;
/** Three times as long as a router is silent. */
const FILE_KNOWN_MS = 30_000;

const changeOf = (name: string, before: string | undefined, after: string | null): RouteChange => ({
  name,
  before: before === undefined ? null : read(name, before),
  after: after === null ? null : read(name, after),
});

/** What is stored by hand may be anything; the record has it as it is. */
const read = (name: string, json: string): WrittenRoute => {
  try {
    return JSON.parse(json) as WrittenRoute;
  } catch {
    return { name, pattern: json, topics: null };
  }
};

const setOf = ({ version, values }: Versioned): RouteSet => {
  const routes: Route[] = [];
  const invalid: RouteError[] = [];
  for (const [name, json] of values) {
    try {
      routes.push(parseRoute({ ...(JSON.parse(json) as object), name }, `stored route "${name}"`));
    } catch (error) {
      invalid.push(error instanceof RouteError ? error : new RouteError(`stored route "${name}": not JSON`));
    }
  }
  return { version, routes, invalid };
};
