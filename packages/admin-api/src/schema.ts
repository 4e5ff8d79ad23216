/** A part of an OpenAPI document. */
export type Json = Readonly<Record<string, unknown>>;

declare const shape: unique symbol;

/** A JSON Schema, and at compile time the type of what it allows. */
export interface Schema<out T = unknown> extends Json {
  readonly [shape]?: () => T;
}

/** The type of what a schema allows. */
export type Shape<S> = S extends Schema<infer T> ? T : never;

type Members = Readonly<Record<string, Schema>>;
type Flat<T> = { [K in keyof T]: T[K] };
type ObjectOf<R extends Members, O extends Members> = Flat<
  { readonly [K in keyof R]: Shape<R[K]> } & { readonly [K in keyof O]?: Shape<O[K]> }
>;

export const anything: Schema<unknown> = {};
export const text: Schema<string> = { type: 'string' };
export const yes: Schema<boolean> = { type: 'boolean' };
export const real: Schema<number> = { type: 'number' };
/** A count: whole, from 0. */
export const number: Schema<number> = { type: 'integer', minimum: 0 };
export const ms: Schema<number> = { ...number, description: 'Unix milliseconds' };
/** An object of which no more is said. */
export const anyObject: Schema<Json> = { type: 'object' };
/** A text of at most so many characters. */
export const textTo = (maxLength: number, description?: string): Schema<string> => ({
  type: 'string',
  maxLength,
  ...(description === undefined ? {} : { description }),
});
/** A text of a form; `takes` says which, as a refusal does: "A stream id, as 1795230491115-0". */
export const matching = (form: RegExp, takes: string): Schema<string> => ({
  type: 'string',
  pattern: form.source,
  description: takes,
});

/** The same schema, which says what it is about. */
export const described = <T>(schema: Schema<T>, description: string): Schema<T> => ({ ...schema, description });

/**
 * An object that has all of the first, and may have the others. A member of the first that has a default may be left out where
 * it is sent: the reader always has it.
 */
export const object = <R extends Members, O extends Members = Record<never, never>>(
  required: R,
  optional?: O,
): Schema<ObjectOf<R, O>> => {
  const names = Object.keys(required).filter((name) => !('default' in (required[name] as Schema)));
  return {
    type: 'object',
    ...(names.length === 0 ? {} : { required: names }),
    properties: { ...required, ...optional },
  };
};

export const list = <T>(items: Schema<T>, more: Json = {}): Schema<readonly T[]> => ({ type: 'array', items, ...more });
export const orNull = <T>(schema: Schema<T>): Schema<T | null> => ({ anyOf: [schema, { type: 'null' }] });
export const either = <A, B>(one: Schema<A>, other: Schema<B>): Schema<A | B> => ({ anyOf: [one, other] });
export const oneOf = <const V extends readonly string[]>(...values: V): Schema<V[number]> => ({ enum: values });
/** An object of any names, whose values are all of one kind. */
export const record = <T>(values: Schema<T>): Schema<Readonly<Record<string, T>>> => ({
  type: 'object',
  additionalProperties: values,
});
/** A whole number of a range. */
export const whole = (minimum: number, maximum?: number, more: Json = {}): Schema<number> => ({
  type: 'integer',
  minimum,
  ...(maximum === undefined ? {} : { maximum }),
  ...more,
});
/** Whether to, which nobody wants who does not say so. */
export const flag = (description: string): Schema<boolean> => ({ type: 'boolean', default: false, description });
/** Under what a schema says by which status a request is refused that does not have it, where that is no 400. */
export const REFUSED_WITH = 'x-refused-with';
/** What is judged by who keeps it: a request that has another one is no 400, but a 422 that says what is wrong with it. */
export const judged = (schema: Schema): Schema<Json> => ({ ...(schema as Schema<Json>), [REFUSED_WITH]: 422 });
/** As `object`, for a body: it may have no members that are not named. */
export const closed = <R extends Members, O extends Members = Record<never, never>>(
  required: R,
  optional?: O,
): Schema<ObjectOf<R, O>> => ({ ...object(required, optional), additionalProperties: false });

/** Where a reference keeps what it refers to: no member of the document. */
const NAMED = Symbol('named');

/** A schema that stands under a name among the components of the document; what it gives refers to it. */
export const named = <T>(name: string, schema: Schema<T>): Schema<T> => {
  const reference = { $ref: `#/components/schemas/${name}`, [NAMED]: { name, schema } };
  return reference;
};

/** The same of an object. */
export const model = <R extends Members, O extends Members = Record<never, never>>(
  name: string,
  required: R,
  optional?: O,
): Schema<ObjectOf<R, O>> => named(name, object(required, optional));

/** All schemas that a part of the document refers to, by name. Throws where two have one name. */
export const namedIn = (part: unknown, found: Record<string, Schema> = {}): Record<string, Schema> => {
  if (typeof part !== 'object' || part === null) return found;
  const { [NAMED]: target } = part as { [NAMED]?: { name: string; schema: Schema } };
  if (target !== undefined && found[target.name] !== target.schema) {
    if (found[target.name] !== undefined) throw new Error(`two schemas are called ${target.name}`);
    found[target.name] = target.schema;
    namedIn(target.schema, found);
  }
  for (const value of Object.values(part)) namedIn(value, found);
  return found;
};
