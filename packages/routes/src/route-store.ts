import { parseJson, writeJson } from '@millrace/json';
import {
  type FieldChange,
  Operations,
  type RecordedChange,
  type Versioned,
  type VersionedHash,
} from '@millrace/operations';
import { asUnavailable, type RedisTransport } from '@millrace/streams/redis';
import { parseRoute, type Route, RouteError, type WrittenRoute } from './route.js';
import { checkSize, parseRoutes } from './route-list.js';

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
export interface RouteVersion {
  readonly version: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly who: string;
  /** `put`, `delete`, `promote`, `rollback`. */
  readonly action: string;
  readonly changes: readonly RouteChange[];
}

/** The routes in Redis: each change is a version with a record; drafts are beside them and route nothing. */
export class RouteStore {
  private readonly hash: VersionedHash;
  private readonly redis: ReturnType<RedisTransport['connect']>;
  private readonly notes: RedisTransport['notes'];
  private readonly fileKey: string;

  constructor(transport: RedisTransport) {
    this.hash = new Operations(transport).versioned('routes');
    this.redis = transport.connect('routes');
    this.notes = transport.notes;
    this.fileKey = transport.keys.control('routes:file');
  }

  /** Cheap enough to ask every second. */
  version(): Promise<number> {
    return this.hash.version();
  }

  async read(): Promise<RouteSet> {
    return setOf(await this.hash.read());
  }

  /** Those of an earlier version. Rejects with a `VersionConflict` where the history does not reach so far. */
  async at(version: number): Promise<RouteSet> {
    return setOf({ version, values: await this.hash.at(version) });
  }

  /** Whether a name is taken in Redis, be it by a route that cannot be used. */
  async has(name: string): Promise<boolean> {
    return (await this.hash.read()).values.has(name);
  }

  /** A router says which routes it has from a file; it says so again while it lives. */
  async publishFile(routes: readonly Route[]): Promise<void> {
    const json = writeJson(routes.map(({ written }) => written));
    await this.notes.publish(this.fileKey, json, FILE_KNOWN_MS);
  }

  /** Routes of the routers' file: nobody but the file changes them. */
  async fromFile(): Promise<Route[]> {
    const json = await this.redis.get(this.fileKey).catch((error: unknown) => {
      throw asUnavailable(error);
    });
    // A router of another version may write what this one does not know.
    return listOf(json).flatMap((written, i) => {
      try {
        return [parseRoute(written, `route ${i + 1}`)];
      } catch {
        return [];
      }
    });
  }

  async drafts(): Promise<ReadonlyMap<string, WrittenRoute>> {
    return new Map([...(await this.hash.drafts())].map(([name, json]) => [name, read(name, json)]));
  }

  /** Puts a route in force. Gives the new version. Throws a `RouteError`; rejects with a `VersionConflict`. */
  put(written: WrittenRoute, by: By): Promise<number> {
    return this.putAll([written], by);
  }

  /** The same with several, as one version. */
  putAll(written: readonly WrittenRoute[], by: By): Promise<number> {
    const routes = parseRoutes(written, () => 'the route');
    const fields = written.map((one, i): FieldChange => [(routes[i] as Route).name, writeJson(one)]);
    return this.hash.change({ ...by, action: 'put' }, (now) => {
      mustFit(now, routes);
      return fields;
    });
  }

  /** Rejects with a `RouteError` where there is no such route. */
  delete(name: string, by: By): Promise<number> {
    return this.hash.change({ ...by, action: 'delete' }, ({ values }) => {
      if (!values.has(name)) throw new RouteError(`there is no route "${name}" in Redis`);
      return [[name, null]];
    });
  }

  /** Keeps a draft, which routes nothing until it is promoted. */
  async draft(written: WrittenRoute): Promise<void> {
    const { name } = parseRoute(written, 'the draft');
    await this.hash.saveDraft(name, writeJson(written));
  }

  async dropDraft(name: string): Promise<void> {
    await this.hash.saveDraft(name, null);
  }

  /** Puts a draft in force. */
  async promote(name: string, by: By): Promise<number> {
    const draft = (await this.hash.drafts()).get(name);
    if (draft === undefined) throw new RouteError(`there is no draft "${name}"`);
    const route = parseRoute(read(name, draft), `draft "${name}"`);
    const promoted = (now: Versioned): FieldChange[] => {
      mustFit(now, [route]);
      return [[name, draft]];
    };
    return this.hash.change({ ...by, action: 'promote' }, promoted, [[name, null]]);
  }

  /** Makes all routes what they were at a version, as a new one. Rejects with a `VersionConflict`. */
  rollback(to: number, by: By): Promise<number> {
    return this.hash.rollback(to, by);
  }

  /** What changed from one version to another. Rejects with a `VersionConflict` where the history does not reach so far. */
  async diff(from: number, to: number): Promise<RouteChange[]> {
    const now = await this.hash.read();
    const [before, after] = await Promise.all([this.hash.at(from, now), this.hash.at(to, now)]);
    return [...new Set([...before.keys(), ...after.keys()])]
      .sort()
      .filter((name) => before.get(name) !== after.get(name))
      .map((name) => changeOf({ field: name, before: before.get(name) ?? null, after: after.get(name) ?? null }));
  }

  /** Changes, the newest first: at most `limit`, those of versions below `before`. */
  async history(limit: number, before?: number): Promise<RouteVersion[]> {
    const records = await this.hash.history(limit, before);
    return records.map((record) => ({ ...record, changes: record.changes.map(changeOf) }));
  }
}

/** Three times as long as a router is silent. */
const FILE_KNOWN_MS = 30_000;

const changeOf = ({ field, before, after }: RecordedChange): RouteChange => ({
  name: field,
  before: before === null ? null : read(field, before),
  after: after === null ? null : read(field, after),
});

/** What is stored by hand may be anything; it is told of as it is. */
const read = (name: string, json: string): WrittenRoute => {
  try {
    return parseJson(json) as WrittenRoute;
  } catch {
    return { name, pattern: json, topics: [] };
  }
};

const listOf = (json: string | null): unknown[] => {
  try {
    const value = parseJson(json ?? '[]');
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
};

/** Throws a `RouteError` where routes are too large together with those that they stand beside. */
const mustFit = (now: Versioned, routes: readonly Route[]): void => {
  const names = new Set(routes.map(({ name }) => name));
  checkSize([...setOf(now).routes.filter(({ name }) => !names.has(name)), ...routes], 'the routes in Redis');
};

const setOf = ({ version, values }: Versioned): RouteSet => {
  const routes: Route[] = [];
  const invalid: RouteError[] = [];
  for (const [name, json] of values) {
    try {
      routes.push(parseRoute({ ...(parseJson(json) as object), name }, `stored route "${name}"`));
    } catch (error) {
      invalid.push(error instanceof RouteError ? error : new RouteError(`stored route "${name}": not JSON`));
    }
  }
  return { version, routes, invalid };
};
