import type { Json } from '@millrace/admin-api';
import { RequestRefused } from '@millrace/host';
import { pointerTo, shown } from '@millrace/json';
import type { ErrorObject } from 'ajv';
import { refusal } from './problems.js';

/** A part of a request: its parameters are named, its body is pointed into. */
export type Part = 'path' | 'query' | 'body';

const LONGEST_NAME = 100;

/** The 400 of what a part of a request has that its schema does not: what is wrong, where, and what is taken. */
export const refusalOf = (
  { keyword, params, instancePath, parentSchema = {}, data }: ErrorObject,
  part: Part,
): RequestRefused => {
  const { properties = {}, writeOnly } = parentSchema as { properties?: Record<string, Json>; writeOnly?: boolean };
  const name: string | undefined = params['missingProperty'] ?? params['additionalProperty']?.slice(0, LONGEST_NAME);
  const members = [...membersOf(instancePath), ...(name === undefined ? [] : [name])];
  const where = members.join('.') || `the ${part}`;
  const refused = (detail: string) =>
    refusal('bad-request', 400, detail, part === 'body' ? pointerTo(members) || undefined : members[0]);
  switch (keyword) {
    case 'required':
      return refused(`${where} must be ${takenOf(properties[name ?? ''] ?? {})}, got nothing`);
    case 'additionalProperties': {
      const known = Object.keys(properties);
      const taken = known.length === 0 ? 'there are none' : `expected ${known.join(', ')}`;
      return refused(`unknown ${part === 'body' ? 'member' : 'parameter'} "${where}"; ${taken}`);
    }
    default:
      return refused(
        `${where} must be ${takenOf(parentSchema)}, got ${writeOnly ? 'a value that is not shown' : shown(data)}`,
      );
  }
};

/** The members that a JSON pointer leads through. */
const membersOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((member) => member.replaceAll('~1', '/').replaceAll('~0', '~'));

/** What a schema takes, in words. */
const takenOf = (schema: Json): string => {
  const { type, enum: values, description } = schema as { type?: string; enum?: string[]; description?: string };
  if (values !== undefined) return `one of ${values.join(', ')}`;
  if (('pattern' in schema || 'anyOf' in schema) && description !== undefined) {
    return `${description[0]?.toLowerCase()}${description.slice(1)}`;
  }
  return (WORDS[type ?? ''] ?? (() => 'something else'))(schema as Bounds);
};

interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

const WORDS: Readonly<Record<string, (schema: Bounds) => string>> = {
  integer: ({ minimum, maximum }) => `a whole number${between(minimum, maximum)}`,
  number: ({ minimum, maximum }) => `a number${between(minimum, maximum)}`,
  string: ({ minLength, maxLength }) => `a string${many(minLength, maxLength, 'characters')}`,
  array: ({ minItems, maxItems }) => `a list${many(minItems, maxItems, 'items')}`,
  boolean: () => 'true or false',
  object: () => 'a JSON object',
};

const between = (least: number | undefined, most: number | undefined): string => {
  if (least === undefined || most === undefined) return '';
  return ` from ${least} to ${most}`;
};

const many = (least: number | undefined, most: number | undefined, what: string): string => {
  if (most === undefined) return '';
  return least === undefined ? ` of at most ${most} ${what}` : ` of ${least} to ${most} ${what}`;
};
