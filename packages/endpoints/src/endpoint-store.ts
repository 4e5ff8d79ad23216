import { isDeepStrictEqual } from 'node:util';
import { type ChangeAuthor, DefinitionStore, type FieldChange, type Kind, writtenIn } from '@millrace/definitions';
import { writeJson } from '@millrace/json';
import type { RedisTransport } from '@millrace/streams/redis';
import type { Endpoint, WrittenEndpoint } from './endpoint.js';
import { endpointsKind } from './endpoints-kind.js';
import { parseEndpoint } from './parse-endpoint.js';

/** The endpoints in Redis: each change is a version with a record. */
export class EndpointStore extends DefinitionStore<Endpoint, WrittenEndpoint> {
  constructor(transport: RedisTransport, kind: Kind<Endpoint, WrittenEndpoint> = endpointsKind()) {
    super(transport, kind);
  }

  /**
   * Writes an endpoint by what it is now, undefined where there is none, as one step: `to` is asked again where somebody
   * else was faster. Gives the new version. Rejects with an `EndpointError`, and a `VersionConflict`.
   */
  write(
    name: string,
    action: string,
    to: (before: WrittenEndpoint | undefined) => WrittenEndpoint,
    by: ChangeAuthor,
  ): Promise<number> {
    return this.hash.change({ ...by, action }, ({ values }): FieldChange[] => {
      const before = values.get(name);
      const stored = before === undefined ? undefined : writtenIn(this.kind, name, before);
      const after = to(stored);
      parseEndpoint(after, { source: 'Redis', place: 'the endpoint' });
      // The same in another order is the same, and no version.
      return [[name, before !== undefined && isDeepStrictEqual(after, stored) ? before : writeJson(after)]];
    });
  }

  /** The same of an endpoint that there is. Rejects with a `DefinitionMissing` where there is none. */
  change(
    name: string,
    action: string,
    to: (before: WrittenEndpoint) => WrittenEndpoint,
    by: ChangeAuthor,
  ): Promise<number> {
    const change = (before: WrittenEndpoint | undefined): WrittenEndpoint => {
      if (before === undefined) throw this.missing(name);
      return to(before);
    };
    return this.write(name, action, change, by);
  }
}
