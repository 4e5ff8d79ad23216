import { scanMembers } from './json-scan.js';

/** A JSON object with `members` (`"a":1,"b":2`) written after its opening brace; what was there is not touched. */
export const spliceMembers = (json: string, members: string): string => {
  const inside = json.indexOf('{') + 1;
  const rest = json.slice(inside);
  return `{${members}${rest.trimStart().startsWith('}') ? '' : ','}${rest}`;
};

/** A JSON object without the named members. */
export const dropMembers = (json: string, names: ReadonlySet<string>): string => {
  const kept = scanMembers(json).filter(({ key }) => !names.has(key));
  return `{${kept.map(({ raw }) => raw).join(',')}}`;
};

const hasMember = (json: string, name: string): boolean => {
  // A key may be written with escapes; without any, its plain text would have to be there.
  if (!json.includes(`"${name}"`) && !json.includes('\\')) return false;
  return scanMembers(json).some(({ key }) => key === name);
};

const NAME = /^[a-z0-9]+$/;

/**
 * An event's JSON with an extension attribute set; where it was set before, the old value goes. The rest of the text is
 * not touched. Throws a `TypeError` if the name is no attribute name (`a-z`, `0-9`).
 */
export const withExtension = (json: string, name: string, value: string | number | boolean): string => {
  if (!NAME.test(name)) throw new TypeError(`"${name}" is no attribute name: a-z and 0-9 only`);
  const rest = hasMember(json, name) ? dropMembers(json, new Set([name])) : json;
  return spliceMembers(rest, `"${name}":${JSON.stringify(value)}`);
};
