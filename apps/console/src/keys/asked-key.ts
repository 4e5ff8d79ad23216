import type { NewApiKey } from '@millrace/admin-api';
import type { KeyRules } from '@millrace/api-keys';
import { parseDuration } from '@millrace/host';
import { readTime, refused } from '../contract/points.js';

/** A key that is to be made; whether it can be one is for the store to say. */
export interface AskedKey {
  readonly name: string;
  readonly rules: KeyRules;
}

/** The key of a body. Throws a 400 where the time of its end is none. */
export const askedKeyOf = ({ name, expires, ...rules }: NewApiKey): AskedKey => {
  const expiresAt = expires === undefined ? {} : { expiresAt: timeOf(expires) };
  return { name, rules: { ...rules, ...expiresAt } as KeyRules };
};

/** For how many milliseconds the secret before goes on. Throws a 400. */
export const graceOf = (grace: string): number => {
  const graceMs = parseDuration(grace);
  if (graceMs === undefined) throw refused('grace', grace, 'a duration like 10m, 24h or 7d, or 0s', '/grace');
  return graceMs;
};

/** A time to come: of a duration, or as everywhere else. */
const timeOf = (text: string): number => {
  const inMs = parseDuration(text);
  return inMs === undefined ? (readTime('expires', text, '/expires') as number) : Date.now() + inMs;
};
