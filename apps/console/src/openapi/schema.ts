/** A part of an OpenAPI document. */
export type Json = Readonly<Record<string, unknown>>;

/** One of the components. */
export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
/** An object that has all of these. */
export const object = (properties: Json): Json => ({ type: 'object', required: Object.keys(properties), properties });
export const list = (items: Json): Json => ({ type: 'array', items });
export const orNull = (schema: Json): Json => ({ anyOf: [schema, { type: 'null' }] });
export const text = { type: 'string' };
/** A count: whole, from 0. */
export const number = { type: 'integer', minimum: 0 };
export const ms = { ...number, description: 'Unix milliseconds' };
