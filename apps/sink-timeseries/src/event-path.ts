import type { CloudEvent } from '@millrace/events';
import { shown } from '@millrace/json';
import { PermanentError } from '@millrace/streams';

const NAME = '[A-Za-z0-9_-]+';

/** What a path is made of, as a part of regular expressions: `data.site`. */
export const PATH = `${NAME}(?:\\.${NAME})*`;

/** What stands at a path of member names; undefined where there is nothing. */
export const valueAt = (event: CloudEvent, path: string): unknown => {
  let value: unknown = event;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
};

/** Throws the `PermanentError` of what stands at a path in place of what it takes. */
export const refuse = (path: string, value: unknown, takes: string): never => {
  throw new PermanentError(`${path} must be ${takes}, got ${shown(value)}`);
};

/** The text of a text, a number or a boolean; undefined where it is something else, or empty. */
export const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
};
