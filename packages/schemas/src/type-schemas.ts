import { DefinitionError } from '@millrace/definitions';
import { pointerTo, shown, writeJson } from '@millrace/json';
import { CompiledSchema } from './compiled-schema.js';
import { comparesNumbers, findExact, withDoubles } from './exact-data.js';

/** What happens to an event that its schema does not allow: nothing, it is reported, or it is refused. */
export type SchemaMode = 'off' | 'warn' | 'enforce';

/** The schemas of an event type as people write them and Redis holds them. */
export interface WrittenSchemas {
  readonly type: string;
  readonly mode: SchemaMode;
  /** The version of events that name none; without it the highest, as numbers count: 10 is above 9. */
  readonly current?: string;
  /** JSON Schemas (2020-12) of `data`, by version. */
  readonly versions: Readonly<Record<string, unknown>>;
}

/** Schemas that cannot be used: says which, where and what is accepted. */
export class SchemaError extends DefinitionError {
  override readonly name = 'SchemaError';

  constructor(message: string, options?: ErrorOptions & { readonly pointer?: string }) {
    super('bad-schema', message, options);
  }
}

/** What a schema does not allow in an event. */
export interface Violation {
  /** Where in the event, as a JSON pointer: `/data/amount`. */
  readonly pointer: string;
  /** In a sentence, with the type and the version. */
  readonly message: string;
}

interface Version {
  readonly name: string;
  /** The schema's `$id`, if it has one. */
  readonly uri: string | undefined;
  readonly schema: CompiledSchema;
  /** Its JSON text. */
  readonly text: string;
  /** Whether it may look at what a number is, and not only at what kind it is. */
  readonly comparesNumbers: boolean;
}

const MODES: readonly string[] = ['off', 'warn', 'enforce'] satisfies SchemaMode[];
const KNOWN = new Set(['type', 'mode', 'current', 'versions']);
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** The schemas of one event type, compiled. */
export class TypeSchemas {
  readonly type: string;
  readonly mode: SchemaMode;
  private readonly versions: readonly Version[];
  private readonly current: Version;

  /** Throws a `SchemaError`. */
  constructor(
    written: unknown,
    /** Names the schemas where they have no type: `schema 2 of schemas.yaml`. */
    where: string,
    /** Gives what is compiled already. Throws an `Error` for what is no schema. */
    compiledOf: (schema: boolean | object) => CompiledSchema = (schema) => new CompiledSchema(schema),
  ) {
    const read = readWritten(written, where);
    this.type = read.type;
    this.mode = read.mode;
    const at = `schemas of "${read.type}"`;
    this.versions = Object.entries(read.versions)
      .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
      .map(([name, schema]) => compile(name, schema, at, compiledOf));
    const current =
      read.current === undefined ? this.versions.at(-1) : this.versions.find(({ name }) => name === read.current);
    if (current === undefined) {
      const why = `${at}: current is "${read.current}", which is not one of its versions`;
      throw new SchemaError(why, { pointer: '/current' });
    }
    this.current = current;
  }

  /**
   * What is wrong with an event of this type; undefined where nothing is. `dataschema` chooses the version. The longer its text,
   * the more steps it may take.
   */
  check(
    event: { readonly data?: unknown; readonly dataschema?: unknown },
    characters = Number.POSITIVE_INFINITY,
  ): Violation | undefined {
    const version = this.versionOf(event.dataschema);
    if (version === undefined) {
      const names = this.versions.map(({ name }) => name).join(', ');
      const message = `dataschema is ${shown(event.dataschema)}; "${this.type}" has the versions ${names}`;
      return { pointer: '/dataschema', message };
    }
    const schema = `the schema of "${this.type}", version ${version.name}`;
    if (event.data === undefined) return { pointer: '/data', message: `/data is missing, which ${schema}, asks for` };
    const exact = findExact(event.data, '/data');
    if (exact !== undefined && version.comparesNumbers) {
      const message = `${exact.pointer} is ${exact.number}, a number that a double does not hold, and cannot be compared by ${schema}; send it as a string`;
      return { pointer: exact.pointer, message };
    }
    try {
      const error = version.schema.errorOf(exact === undefined ? event.data : withDoubles(event.data), characters);
      if (error === undefined) return undefined;
      const pointer = `/data${error.instancePath}`;
      return { pointer, message: `${pointer} ${error.message ?? 'is not valid'}, by ${schema}` };
    } catch (error) {
      // Too many steps, or deeper than calls may be.
      return { pointer: '/data', message: `/data cannot be checked by ${schema}: ${(error as Error).message}` };
    }
  }

  /** Which version can never be cheap, and why; undefined where all may be. */
  get costly(): string | undefined {
    for (const { name, schema } of this.versions) {
      const why = schema.costly;
      if (why !== undefined) return `schemas of "${this.type}": version ${name} would take too long: ${why}`;
    }
    return undefined;
  }

  /** What one of its versions was compiled to; undefined where none is this schema. */
  compiledOf(schema: boolean | object): CompiledSchema | undefined {
    const text = writeJson(schema);
    return this.versions.find((version) => version.text === text)?.schema;
  }

  /** By `$id`, by name, or by the last part of an address that ends with the name. */
  private versionOf(dataschema: unknown): Version | undefined {
    if (dataschema === undefined || dataschema === null) return this.current;
    const text = String(dataschema);
    const last = text.slice(text.lastIndexOf('/') + 1);
    return (
      this.versions.find(({ uri }) => uri === text) ??
      this.versions.find(({ name }) => name === text) ??
      this.versions.find(({ name }) => name === last)
    );
  }
}

const readWritten = (written: unknown, where: string): WrittenSchemas => {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    throw new SchemaError(`${where}: the schemas of a type are an object with type, mode and versions`);
  }
  const { type, mode = 'enforce', current, versions } = written as Record<string, unknown>;
  if (typeof type !== 'string' || type === '') {
    throw new SchemaError(`${where}: type must be the type of an event, got ${shown(type)}`, { pointer: '/type' });
  }
  const at = `schemas of "${type}"`;
  for (const key of Object.keys(written)) {
    if (KNOWN.has(key)) continue;
    const why = `${at}: "${key}" is unknown; expected ${[...KNOWN].join(', ')}`;
    throw new SchemaError(why, { pointer: pointerTo([key]) });
  }
  if (!MODES.includes(mode as string)) {
    const why = `${at}: mode must be one of ${MODES.join(', ')}, got ${shown(mode)}`;
    throw new SchemaError(why, { pointer: '/mode' });
  }
  if (current !== undefined && typeof current !== 'string') {
    const why = `${at}: current must be the name of a version, got ${shown(current)}`;
    throw new SchemaError(why, { pointer: '/current' });
  }
  if (
    typeof versions !== 'object' ||
    versions === null ||
    Array.isArray(versions) ||
    Object.keys(versions).length === 0
  ) {
    const why = `${at}: versions must be an object of JSON Schemas by version, got ${shown(versions)}`;
    throw new SchemaError(why, { pointer: '/versions' });
  }
  return {
    type,
    mode: mode as SchemaMode,
    versions: versions as WrittenSchemas['versions'],
    ...(current === undefined ? {} : { current }),
  };
};

const compile = (
  name: string,
  schema: unknown,
  at: string,
  compiledOf: (schema: boolean | object) => CompiledSchema,
): Version => {
  if (!VERSION.test(name)) {
    const why = `${at}: the name of a version must be 1 to 64 letters, digits, ".", "_" or "-", got "${name.slice(0, 100)}"`;
    throw new SchemaError(why, { pointer: '/versions' });
  }
  const pointer = pointerTo(['versions', name]);
  if ((typeof schema !== 'object' || schema === null || Array.isArray(schema)) && typeof schema !== 'boolean') {
    throw new SchemaError(`${at}: version ${name} must be a JSON Schema, got ${shown(schema)}`, { pointer });
  }
  const { $id, $async } = schema as { $id?: unknown; $async?: unknown };
  if ($async !== undefined) {
    throw new SchemaError(`${at}: version ${name}: $async is not supported`, { pointer: `${pointer}/$async` });
  }
  const exact = findExact(schema);
  if (exact !== undefined) {
    const message = `version ${name}: ${exact.pointer} is ${exact.number}, a number that a double does not hold: write it with fewer digits`;
    throw new SchemaError(`${at}: ${message}`, { pointer: `${pointer}${exact.pointer}` });
  }
  try {
    const uri = typeof $id === 'string' ? $id : undefined;
    return {
      name,
      uri,
      schema: compiledOf(schema as object | boolean),
      text: writeJson(schema),
      comparesNumbers: comparesNumbers(schema),
    };
  } catch (error) {
    const within = (error instanceof DefinitionError && error.pointer) || '';
    throw new SchemaError(`${at}: version ${name}: ${(error as Error).message}`, {
      cause: error,
      pointer: `${pointer}${within}`,
    });
  }
};
