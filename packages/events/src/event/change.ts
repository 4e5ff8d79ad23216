import { writeJson } from '@millrace/json';
import { EventError } from '../event-error.js';
import { parseJson } from '../json/parse-json.js';
import { dropMembers, spliceMembers } from '../json/splice.js';
import { checkMembers, requirePresent } from './attributes.js';

/** What names an event: it stays, or a copy would be another event. */
const FIXED = ['specversion', 'id', 'source'];

/**
 * An event's JSON with these members set: attributes, `subject`, `partitionkey`, `data`. A member that is null goes. What
 * is not named stays as it is written. Throws an `EventError` where the result would be no CloudEvent, and where it would
 * be another event: `specversion`, `id` and `source` are not taken.
 */
export const withMembers = (
  json: string,
  members: Readonly<Record<string, unknown>>,
): { readonly type: string; readonly json: string } => {
  for (const name of FIXED) {
    if (Object.hasOwn(members, name)) {
      throw new EventError('fixed-attribute', 422, `${name} cannot be set: it says which event it is`);
    }
  }
  const event: Record<string, unknown> = { ...(parseJson(json, 'The event') as object), ...members };
  const names = Object.keys(members);
  for (const name of names) if (event[name] === null) delete event[name];
  checkMembers(event, '', false);
  const type = requirePresent('type', event['type']);
  const set = names.filter((name) => event[name] !== undefined);
  const written = set.map((name) => `${writeJson(name)}:${jsonOf(name, event[name])}`);
  const rest = dropMembers(json, new Set(names));
  return { type, json: written.length === 0 ? rest : spliceMembers(rest, written.join(',')) };
};

const jsonOf = (name: string, value: unknown): string => {
  const json = writeJson(value);
  if (json === undefined)
    throw new EventError('not-json', 422, `${name} is a ${typeof value}, which JSON does not have`);
  return json;
};
