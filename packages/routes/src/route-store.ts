import { DefinitionStore, type RecordedChange, writtenIn } from '@millrace/definitions';
import { parseJson, writeJson } from '@millrace/json';
import type { RedisTransport } from '@millrace/streams/redis';
import { parseRoute, type Route, type WrittenRoute } from './route.js';
import { ROUTES } from './routes-kind.js';

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

/** The routes in Redis, and those that the routers say they have from their file. */
export class RouteStore extends DefinitionStore<Route, WrittenRoute> {
  private readonly redis: ReturnType<RedisTransport['connect']>;
  private readonly notes: RedisTransport['notes'];
  private readonly fileKey: string;

  constructor(transport: RedisTransport) {
    super(transport, ROUTES);
    this.redis = transport.connect('routes');
    this.notes = transport.notes;
    this.fileKey = transport.keys.control('routes:file');
  }

  /** A router says which routes it has from a file; it says so again while it lives. */
  async publishFile(routes: readonly Route[]): Promise<void> {
    const json = writeJson(routes.map(({ written }) => written));
    await this.notes.publish(this.fileKey, json, FILE_KNOWN_MS);
  }

  /** Routes of the routers' file: nobody but the file changes them. */
  async fromFile(): Promise<Route[]> {
    const json = await this.redis.get(this.fileKey);
    // A router of another version may write what this one does not know.
    return listOf(json).flatMap((written, i) => {
      try {
        return [parseRoute(written, `route ${i + 1}`)];
      } catch {
        return [];
      }
    });
  }

  /** What changed from one version to another. Rejects with a `VersionConflict` where the history does not reach so far. */
  async diff(from: number, to: number): Promise<RouteChange[]> {
    return (await this.changes(from, to)).map(changeOf);
  }

  /** Changes, the newest first: at most `limit`, those of versions below `before`. */
  async history(limit: number, before?: number): Promise<RouteVersion[]> {
    const records = await this.records(limit, before);
    return records.map((record) => ({ ...record, changes: record.changes.map(changeOf) }));
  }
}

/** Three times as long as a router is silent. */
const FILE_KNOWN_MS = 30_000;

const changeOf = ({ field, before, after }: RecordedChange): RouteChange => ({
  name: field,
  before: before === null ? null : writtenIn(ROUTES, field, before),
  after: after === null ? null : writtenIn(ROUTES, field, after),
});

const listOf = (json: string | null): unknown[] => {
  try {
    const value = parseJson(json ?? '[]');
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
};
