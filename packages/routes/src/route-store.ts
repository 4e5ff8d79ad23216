import { DefinitionStore } from '@millrace/definitions';
import { parseJson, writeJson } from '@millrace/json';
import type { Connection, RedisTransport } from '@millrace/streams/redis';
import { parseRoute, type Route, type WrittenRoute } from './route.js';
import { ROUTES } from './routes-kind.js';

/** The routes in Redis, and those that the routers say they have from their file. */
export class RouteStore extends DefinitionStore<Route, WrittenRoute> {
  private readonly redis: Connection;
  private readonly notes: RedisTransport['notes'];
  private readonly fileKey: string;

  constructor(transport: RedisTransport) {
    super(transport, ROUTES);
    this.redis = transport.connections.connect('routes');
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
}

/** Three times as long as a router is silent. */
const FILE_KNOWN_MS = 30_000;

const listOf = (json: string | null): unknown[] => {
  try {
    const value = parseJson(json ?? '[]');
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
};
