import { parseJson, writeJson } from '@millrace/json';
import type { RedisTransport, Versioned, VersionedHash, VersionRecord } from '@millrace/streams/redis';
import { SchemaError, type SchemaMode, TypeSchemas, type WrittenSchemas } from './type-schemas.js';

/** The stored schemas of one version. */
export interface SchemaSet {
  readonly version: number;
  readonly schemas: readonly TypeSchemas[];
  /** What is stored and cannot be used; it is left out. */
  readonly invalid: readonly SchemaError[];
}

/** Who changes schemas, and which version they looked at. */
export interface By {
  readonly who: string;
  /** The version that the change was made for; without it, any. */
  readonly expected?: number | undefined;
}

/** A schema that would replace one that events may have been checked by. */
export class SchemaExists extends Error {
  override readonly name = 'SchemaExists';
}

/** Words that the API has in the place of a type. */
const RESERVED = new Set(['history', 'rollback', 'test']);

/** The schemas in Redis, by event type: each change is a version with a record. */
export class SchemaStore {
  private readonly hash: VersionedHash;

  constructor(transport: RedisTransport) {
    this.hash = transport.versioned('schemas');
  }

  /** Cheap enough to ask every second. */
  version(): Promise<number> {
    return this.hash.version();
  }

  async read(): Promise<SchemaSet> {
    return setOf(await this.hash.read());
  }

  /** As they are written, by type. */
  async written(): Promise<{ version: number; schemas: WrittenSchemas[] }> {
    const { version, values } = await this.hash.read();
    return { version, schemas: [...values].flatMap(([type, json]) => readWritten(type, json)) };
  }

  /**
   * Saves a version of a type's schema; the first one comes with the mode `warn` unless another is given. A version that is
   * there already is not replaced: rejects with a `SchemaExists`. Throws a `SchemaError`.
   */
  async save(type: string, version: string, schema: unknown, by: By): Promise<number> {
    if (RESERVED.has(type)) throw new SchemaError(`"${type}" is no type of an event here: the API has it`);
    return this.hash.change({ ...by, action: 'save' }, (now) => {
      const before = writtenOf(now, type) ?? { type, mode: 'warn', versions: {} };
      const there = Object.hasOwn(before.versions, version) ? before.versions[version] : undefined;
      if (there !== undefined && writeJson(there) !== writeJson(schema)) {
        throw new SchemaExists(`version ${version} of "${type}" is there already; save a changed schema as another`);
      }
      return [[type, checked({ ...before, versions: { ...before.versions, [version]: schema } })]];
    });
  }

  /** Sets the mode, or which version events are checked by that name none. Rejects with a `SchemaError`. */
  set(type: string, change: { mode?: SchemaMode; current?: string }, by: By): Promise<number> {
    return this.hash.change({ ...by, action: 'set' }, (now) => {
      const before = writtenOf(now, type);
      if (before === undefined) throw new SchemaError(`there is no schema of "${type}" in Redis`);
      return [[type, checked({ ...before, ...change })]];
    });
  }

  /** Rejects with a `SchemaError` where there is none. */
  delete(type: string, by: By): Promise<number> {
    return this.hash.change({ ...by, action: 'delete' }, ({ values }) => {
      if (!values.has(type)) throw new SchemaError(`there is no schema of "${type}" in Redis`);
      return [[type, null]];
    });
  }

  /** Makes all schemas what they were at a version, as a new one. Rejects with a `VersionConflict`. */
  rollback(to: number, by: By): Promise<number> {
    return this.hash.rollback(to, by);
  }

  /** Changes, the newest first. */
  history(limit: number, before?: number): Promise<VersionRecord[]> {
    return this.hash.history(limit, before);
  }
}

const writtenOf = ({ values }: Versioned, type: string): WrittenSchemas | undefined => {
  const json = values.get(type);
  return json === undefined ? undefined : readWritten(type, json)[0];
};

/** What is stored by hand may be anything. */
const readWritten = (type: string, json: string): WrittenSchemas[] => {
  try {
    return [{ ...(parseJson(json) as WrittenSchemas), type }];
  } catch {
    return [];
  }
};

const checked = (written: WrittenSchemas): string => {
  new TypeSchemas(written, 'the schema');
  return writeJson(written);
};

const setOf = ({ version, values }: Versioned): SchemaSet => {
  const schemas: TypeSchemas[] = [];
  const invalid: SchemaError[] = [];
  for (const [type, json] of values) {
    try {
      schemas.push(new TypeSchemas({ ...(parseJson(json) as object), type }, `stored schemas of "${type}"`));
    } catch (error) {
      invalid.push(error instanceof SchemaError ? error : new SchemaError(`stored schemas of "${type}": not JSON`));
    }
  }
  return { version, schemas, invalid };
};
