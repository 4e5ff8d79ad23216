import { isDeepStrictEqual } from 'node:util';
import { parseJson, writeJson } from '@millrace/json';
import { type FieldChange, Operations, type VersionedHash, type VersionRecord } from '@millrace/operations';
import type { RedisTransport } from '@millrace/streams/redis';
import { type Endpoint, EndpointError, EndpointMissing } from './endpoint.js';
import { parseEndpoint } from './parse-endpoint.js';

/** An endpoint as people write it and Redis holds it. Its secret is in it: nobody shows it as it is. */
export type WrittenEndpoint = Readonly<Record<string, unknown>> & { readonly name: string };

/** The stored endpoints of one version. */
export interface EndpointSet {
  readonly version: number;
  readonly endpoints: readonly Endpoint[];
  /** What is stored and cannot be used. */
  readonly invalid: readonly { readonly name: string; readonly error: EndpointError }[];
}

/** Who changes endpoints, and which version they looked at. */
export interface By {
  readonly who: string;
  /** The version that the change was made for; without it, any. */
  readonly expected?: number | undefined;
}

/**
 * The endpoints in Redis: each change is a version with a record. Their secrets are written out: whoever may write to
 * Redis has no say in which variables of a process are read.
 */
export class EndpointStore {
  private readonly hash: VersionedHash;

  constructor(transport: RedisTransport) {
    this.hash = new Operations(transport).versioned('endpoints');
  }

  /** Cheap enough to ask every second. */
  version(): Promise<number> {
    return this.hash.version();
  }

  async read(): Promise<EndpointSet> {
    const { version, values } = await this.hash.read();
    const endpoints: Endpoint[] = [];
    const invalid: { name: string; error: EndpointError }[] = [];
    for (const [name, json] of values) {
      try {
        endpoints.push(parseStored(name, json));
      } catch (error) {
        invalid.push({ name, error: error as EndpointError });
      }
    }
    return { version, endpoints, invalid };
  }

  /** As they are written, secrets and all. */
  async written(): Promise<{ version: number; endpoints: WrittenEndpoint[] }> {
    const { version, values } = await this.hash.read();
    const endpoints = [...values].map(([name, json]) => ({ ...objectOf(json), name }) as WrittenEndpoint);
    return { version, endpoints };
  }

  /**
   * Writes an endpoint by what it is now, undefined where there is none, as one step: `to` is asked again where somebody
   * else was faster. Gives the new version. Rejects with an `EndpointError`, and a `VersionConflict`.
   */
  write(
    name: string,
    action: string,
    to: (before: WrittenEndpoint | undefined) => WrittenEndpoint,
    by: By,
  ): Promise<number> {
    return this.hash.change({ ...by, action }, ({ values }): FieldChange[] => {
      const before = values.get(name);
      const stored = before === undefined ? undefined : ({ ...objectOf(before), name } as WrittenEndpoint);
      const after = to(stored);
      parseEndpoint(after, { source: 'Redis', place: 'the endpoint' });
      // The same in another order is the same, and no version.
      return [[name, before !== undefined && isDeepStrictEqual(after, stored) ? before : writeJson(after)]];
    });
  }

  /** The same of an endpoint that there is. Rejects with an `EndpointMissing` where there is none. */
  change(name: string, action: string, to: (before: WrittenEndpoint) => WrittenEndpoint, by: By): Promise<number> {
    const change = (before: WrittenEndpoint | undefined): WrittenEndpoint => {
      if (before === undefined) throw new EndpointMissing(name);
      return to(before);
    };
    return this.write(name, action, change, by);
  }

  /** Rejects with an `EndpointMissing` where there is none. */
  delete(name: string, by: By): Promise<number> {
    return this.hash.change({ ...by, action: 'delete' }, ({ values }) => {
      if (!values.has(name)) throw new EndpointMissing(name);
      return [[name, null]];
    });
  }

  /** Changes, the newest first; secrets are in them. */
  history(limit: number, before?: number): Promise<VersionRecord[]> {
    return this.hash.history(limit, before);
  }
}

/** What is stored by hand may be anything. */
const objectOf = (json: string): object => {
  try {
    const value = parseJson(json);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
};

const parseStored = (name: string, json: string): Endpoint => {
  const origin = { source: 'Redis', place: `endpoint ${writeJson(name)}` };
  let written: unknown;
  try {
    written = parseJson(json);
  } catch {
    // The parser's own message shows a part of the text.
    throw new EndpointError(`${origin.source}: ${origin.place}: not JSON`);
  }
  return parseEndpoint(isObject(written) ? { ...written, name } : written, origin);
};

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
