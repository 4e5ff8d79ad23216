import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { linearRegExp } from './linear-reg-exp.js';

/** What happens to an event that its schema does not allow: nothing, it is told of, or it is refused. */
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
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
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
  readonly validate: ValidateFunction;
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
  ) {
    const read = readWritten(written, where);
    this.type = read.type;
    this.mode = read.mode;
    const at = `schemas of "${read.type}"`;
    this.versions = Object.entries(read.versions)
      .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
      .map(([name, schema]) => compile(name, schema, at));
    const current =
      read.current === undefined ? this.versions.at(-1) : this.versions.find(({ name }) => name === read.current);
    if (current === undefined) throw new SchemaError(`${at}: current is "${read.current}", which is no version of it`);
    this.current = current;
  }

  /** What is wrong with an event of this type; undefined where nothing is. `dataschema` chooses the version. */
  check(event: { readonly data?: unknown; readonly dataschema?: unknown }): Violation | undefined {
    const version = this.versionOf(event.dataschema);
    if (version === undefined) {
      const names = this.versions.map(({ name }) => name).join(', ');
      const message = `dataschema is ${show(event.dataschema)}; "${this.type}" has the versions ${names}`;
      return { pointer: '/dataschema', message };
    }
    const schema = `the schema of "${this.type}", version ${version.name}`;
    if (event.data === undefined) return { pointer: '/data', message: `/data is missing, which ${schema}, asks for` };
    try {
      if (version.validate(event.data)) return undefined;
    } catch (error) {
      // A schema that refers to itself without end.
      return { pointer: '/data', message: `/data cannot be checked by ${schema}: ${(error as Error).message}` };
    }
    const [error] = version.validate.errors ?? [];
    const pointer = `/data${error?.instancePath ?? ''}`;
    return { pointer, message: `${pointer} ${error?.message ?? 'is not valid'}, by ${schema}` };
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

const show = (value: unknown): string => (JSON.stringify(value) ?? 'missing').slice(0, 100);

const readWritten = (written: unknown, where: string): WrittenSchemas => {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    throw new SchemaError(`${where}: the schemas of a type are an object with type, mode and versions`);
  }
  const { type, mode = 'enforce', current, versions } = written as Record<string, unknown>;
  if (typeof type !== 'string' || type === '') {
    throw new SchemaError(`${where}: type is ${show(type)}; it takes the type of an event`);
  }
  const at = `schemas of "${type}"`;
  for (const key of Object.keys(written)) {
    if (!KNOWN.has(key)) throw new SchemaError(`${at}: "${key}" is not known; taken are ${[...KNOWN].join(', ')}`);
  }
  if (!MODES.includes(mode as string))
    throw new SchemaError(`${at}: mode is ${show(mode)}; it takes ${MODES.join(', ')}`);
  if (current !== undefined && typeof current !== 'string') {
    throw new SchemaError(`${at}: current is ${show(current)}; it takes the name of a version`);
  }
  if (
    typeof versions !== 'object' ||
    versions === null ||
    Array.isArray(versions) ||
    Object.keys(versions).length === 0
  ) {
    throw new SchemaError(`${at}: versions is ${show(versions)}; it takes an object of JSON Schemas by version`);
  }
  return {
    ...{ type, mode: mode as SchemaMode, versions: versions as WrittenSchemas['versions'] },
    ...(current === undefined ? {} : { current }),
  };
};

const compile = (name: string, schema: unknown, at: string): Version => {
  if (!VERSION.test(name)) {
    throw new SchemaError(`${at}: version "${name.slice(0, 100)}" takes letters, digits, ".", "_" and "-", at most 64`);
  }
  if ((typeof schema !== 'object' || schema === null || Array.isArray(schema)) && typeof schema !== 'boolean') {
    throw new SchemaError(`${at}: version ${name} is ${show(schema)}; it takes a JSON Schema`);
  }
  const { $id, $async } = schema as { $id?: unknown; $async?: unknown };
  if ($async !== undefined) throw new SchemaError(`${at}: version ${name}: $async is not taken`);
  // One for each version: what its `$id` names is nobody else's business.
  const ajv = new Ajv2020({ strict: false, allowUnionTypes: true, code: { regExp: linearRegExp } });
  addFormats.default(ajv);
  try {
    return { name, uri: typeof $id === 'string' ? $id : undefined, validate: ajv.compile(schema) };
  } catch (error) {
    throw new SchemaError(`${at}: version ${name}: ${(error as Error).message}`, { cause: error });
  }
};
