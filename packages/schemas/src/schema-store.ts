import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseJson, writeJson } from '@millrace/json';
import { Operations, type Versioned, type VersionedHash, type VersionRecord } from '@millrace/operations';
import type { RedisTransport } from '@millrace/streams/redis';
import { CompiledSchema } from './compiled-schema.js';
import { SchemaError, type SchemaMode, TypeSchemas, type WrittenSchemas } from './type-schemas.js';

/** The stored schemas of one version. */
export interface SchemaSet {
  readonly version: number;
  readonly schemas: readonly TypeSchemas[];
  /** What is stored and cannot be used, by type; it is left out. */
  readonly invalid: ReadonlyMap<string, SchemaError>;
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
  /** By their text: most are the same at the next reading. */
  private compiled: ReadonlyMap<string, CompiledSchema> = new Map();

  constructor(transport: RedisTransport) {
    this.hash = new Operations(transport).versioned('schemas');
  }

  /** Cheap enough to ask every second. */
  version(): Promise<number> {
    return this.hash.version();
  }

  /** Compiles what it did not at the last reading, and lets others have their turn after each. */
  async read(): Promise<SchemaSet> {
    const now = await this.hash.read();
    this.compiled = await compileAll(now, this.compiled);
    return setOf(now, this.compiled);
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
      const { costly } = new TypeSchemas({ type, versions: { [version]: schema } }, 'the schema');
      if (costly !== undefined) throw new SchemaError(costly);
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

/** What cannot be compiled is left out: it is told of when its type is read. */
const compileAll = async (
  { values }: Versioned,
  before: ReadonlyMap<string, CompiledSchema>,
): Promise<ReadonlyMap<string, CompiledSchema>> => {
  const compiled = new Map<string, CompiledSchema>();
  for (const schema of [...values].flatMap(([type, json]) => schemasOf(type, json))) {
    const text = writeJson(schema);
    const known = before.get(text) ?? compiled.get(text);
    if (known === undefined) await nextTurn();
    try {
      compiled.set(text, known ?? new CompiledSchema(schema));
    } catch {
      // Whoever reads its type is told why.
    }
  }
  return compiled;
};

const schemasOf = (type: string, json: string): (boolean | object)[] =>
  readWritten(type, json).flatMap(({ versions }) =>
    Object.values(versions ?? {}).filter((one) => typeof one === 'object' && one !== null),
  ) as (boolean | object)[];

const setOf = ({ version, values }: Versioned, compiled: ReadonlyMap<string, CompiledSchema>): SchemaSet => {
  const compiledOf = (schema: boolean | object) => compiled.get(writeJson(schema)) ?? new CompiledSchema(schema);
  const schemas: TypeSchemas[] = [];
  const invalid = new Map<string, SchemaError>();
  for (const [type, json] of values) {
    try {
      schemas.push(
        new TypeSchemas({ ...(parseJson(json) as object), type }, `stored schemas of "${type}"`, compiledOf),
      );
    } catch (error) {
      const why = error instanceof SchemaError ? error : new SchemaError(`stored schemas of "${type}": not JSON`);
      invalid.set(type, why);
    }
  }
  return { version, schemas, invalid };
};
