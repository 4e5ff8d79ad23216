import { cut, EventError, show } from '../event-error.js';
import { MAX_NAME_LENGTH } from '../limits.js';
import { isTimestamp } from './rfc3339.js';

const invalid = (code: string, message: string): EventError => new EventError(code, 422, message);

const UNPAIRED = /\p{Surrogate}|\p{Noncharacter_Code_Point}/u;

/** Whether a string has characters that CloudEvents forbids: controls, unpaired surrogates, noncharacters. */
const hasForbidden = (text: string): boolean => {
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return true;
    if (c >= 0xd800) return UNPAIRED.test(text) || hasForbidden(text.slice(i).replace(/[\ud800-\uffff]+/g, ''));
  }
  return false;
};

const checkCharacters = (name: string, text: string): void => {
  if (!hasForbidden(text)) return;
  throw invalid(
    'forbidden-character',
    `${name} is ${show(text)}; control characters, unpaired surrogates and noncharacters are not allowed`,
  );
};

/** A required string that `checkMembers` has seen: throws if it is missing. */
export const requirePresent = (name: string, value: unknown): string => {
  if (typeof value === 'string') return value;
  const takes = name === 'specversion' ? '"1.0"' : 'a non-empty string';
  throw invalid('missing-attribute', `${name} is missing; it must be ${takes}`);
};

const checkName = (name: string, value: unknown): string => {
  if (typeof value !== 'string')
    throw invalid('bad-attribute', `${name} must be a non-empty string, got ${show(value)}`);
  if (value === '') throw invalid('empty-attribute', `${name} is empty; it must be a non-empty string`);
  if (value.length > MAX_NAME_LENGTH) {
    throw invalid(
      'attribute-too-long',
      `${name} ${show(value)} has ${value.length} characters; the limit is ${MAX_NAME_LENGTH}`,
    );
  }
  return value;
};

const checkSpecVersion = (name: string, value: unknown): void => {
  if (value !== '1.0') throw invalid('unsupported-specversion', `${name} must be "1.0", got ${show(value)}`);
};

const checkTime = (name: string, value: unknown): void => {
  if (typeof value === 'string' && isTimestamp(value)) return;
  throw invalid('bad-time', `${name} must be an RFC 3339 time such as "2026-01-31T12:00:00Z", got ${show(value)}`);
};

const checkContentType = (name: string, value: unknown): void => {
  checkName(name, value);
  if ((value as string).indexOf('/') > 0) return;
  throw invalid('bad-attribute', `${name} must be a media type such as "application/json", got ${show(value)}`);
};

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

const checkBase64 = (name: string, value: unknown): void => {
  if (typeof value === 'string' && value.length % 4 === 0 && BASE64.test(value)) return;
  throw invalid('bad-base64', `${name} must be a string of padded Base64, got ${show(value)}`);
};

/** Checks of the attributes that CloudEvents names; `data` may be anything. A null attribute is as good as absent. */
const KNOWN: ReadonlyMap<string, (name: string, value: unknown) => void> = new Map([
  ['specversion', checkSpecVersion],
  ['id', checkName],
  ['source', checkName],
  ['type', checkName],
  ['subject', checkName],
  ['partitionkey', checkName],
  ['time', checkTime],
  ['datacontenttype', checkContentType],
  ['dataschema', checkName],
  ['data_base64', checkBase64],
]);

const NAME = /^[a-z0-9]+$/;

/** Whether a name may be that of an extension attribute. */
export const isAttributeName = (name: string): boolean => NAME.test(name) && name.length <= MAX_NAME_LENGTH;

const isScalar = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && value === (value | 0));

const checkExtension = (name: string, value: unknown, hint: string): void => {
  if (!isAttributeName(name)) {
    throw invalid('bad-attribute-name', `"${cut(name)}" is not a valid attribute name: a-z and 0-9 only${hint}`);
  }
  if (!isScalar(value)) {
    throw invalid(
      'bad-attribute',
      `${cut(name)} must be a string, a boolean or a 32-bit integer${hint}, got ${show(value)}`,
    );
  }
};

/**
 * Checks every member of an event but that the required ones are there. `hint` ends messages on what is no attribute;
 * `isPlain` says that no string can hold a forbidden character.
 */
export const checkMembers = (event: Readonly<Record<string, unknown>>, hint: string, isPlain: boolean): void => {
  for (const name of Object.keys(event)) {
    if (name === 'data') continue;
    const value = event[name];
    const check = KNOWN.get(name);
    if (value === null) {
      if (check === undefined && !isAttributeName(name)) checkExtension(name, value, hint);
    } else if (check === undefined) checkExtension(name, value, hint);
    else check(name, value);
    if (!isPlain && typeof value === 'string' && name !== 'data_base64') checkCharacters(name, value);
  }
  if (event['data_base64'] != null && Object.hasOwn(event, 'data')) {
    throw invalid('two-payloads', 'data and data_base64 are both given; only one is allowed');
  }
};
