import { type ChangeAuthor, DefinitionError, DefinitionStore, type Versioned, writtenIn } from '@millrace/definitions';
import { writeJson } from '@millrace/json';
import type { RedisTransport } from '@millrace/streams/redis';
import { SCHEMAS } from './schemas-kind.js';
import { SchemaError, type SchemaMode, TypeSchemas, type WrittenSchemas } from './type-schemas.js';

/** Words that the API has in the place of a type. */
const RESERVED = new Set(['history', 'rollback', 'test']);

/** The schemas in Redis, by event type: each change is a version with a record. */
export class SchemaStore extends DefinitionStore<TypeSchemas, WrittenSchemas> {
  constructor(transport: RedisTransport) {
    super(transport, SCHEMAS);
  }

  /**
   * Saves a version of a type's schema; the first one comes with the mode `warn` unless another is given. A version that is
   * there already is not replaced: rejects with a `DefinitionError`, code `conflict`. Throws a `SchemaError`.
   */
  async save(type: string, version: string, schema: unknown, by: ChangeAuthor): Promise<number> {
    if (RESERVED.has(type)) throw new SchemaError(`the type "${type}" is reserved by the API`, { pointer: '/type' });
    return this.hash.change({ ...by, action: 'save' }, (now) => {
      const before = writtenOf(now, type) ?? { type, mode: 'warn', versions: {} };
      const there = Object.hasOwn(before.versions, version) ? before.versions[version] : undefined;
      if (there !== undefined && writeJson(there) !== writeJson(schema)) {
        const why = `version ${version} of "${type}" already exists; save a changed schema as another version`;
        throw new DefinitionError('conflict', why);
      }
      const { costly } = new TypeSchemas({ type, versions: { [version]: schema } }, 'the schema');
      if (costly !== undefined) throw new SchemaError(costly);
      return [[type, checked({ ...before, versions: { ...before.versions, [version]: schema } })]];
    });
  }

  /** Sets the mode, or which version events are checked by that name none. Rejects with a `DefinitionMissing` where there is none. */
  set(type: string, change: { mode?: SchemaMode; current?: string }, by: ChangeAuthor): Promise<number> {
    return this.hash.change({ ...by, action: 'set' }, (now) => {
      const before = writtenOf(now, type);
      if (before === undefined) throw this.missing(type);
      return [[type, checked({ ...before, ...change })]];
    });
  }
}

const writtenOf = ({ values }: Versioned, type: string): WrittenSchemas | undefined => {
  const json = values.get(type);
  return json === undefined ? undefined : writtenIn(SCHEMAS, type, json);
};

const checked = (written: WrittenSchemas): string => {
  new TypeSchemas(written, 'the schema');
  return writeJson(written);
};
