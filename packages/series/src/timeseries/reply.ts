import { rejected } from '../check.js';
import type { SampleResult } from '../series.js';

/** Whether the reply is the error of a key that is not there. */
export const isMissing = (reply: unknown): boolean => /key does not exist/i.test(messageOf(reply) ?? '');

/** Whether the reply, of TS.MADD, may be that: it has the same words for a key of another type. */
export const mayBeMissing = (reply: unknown): boolean =>
  isMissing(reply) || /not a TSDB key/i.test(messageOf(reply) ?? '');

/** What one reply of TS.MADD says: the sample's time, or an error in place of it. */
export const resultOf = (reply: unknown): SampleResult => {
  const message = messageOf(reply);
  if (message === undefined) return { status: 'added' };
  if (/older than retention/i.test(message)) return rejected('too-old', message);
  if (/duplicate|DUPLICATE_POLICY/i.test(message)) return rejected('duplicate', message);
  if (/WRONGTYPE|not a TSDB|wrong kind of value/i.test(message)) return rejected('wrong-type', message);
  return rejected('refused', message);
};

const messageOf = (reply: unknown): string | undefined => (reply instanceof Error ? reply.message : undefined);
