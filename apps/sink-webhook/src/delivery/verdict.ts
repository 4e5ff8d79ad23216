import { PermanentError, TransientError } from '@millrace/streams';
import { parseRetryAfter } from './retry-after.js';

/** An answer, as far as it decides anything. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const SAYS_WHEN = new Set([429, 503]);

/**
 * What an answer decides: undefined is success, any 2xx. 410 says that nobody will ever take it. All else may be otherwise
 * later, also a 4xx: the receiver's mistake is repaired more often than the event is at fault, and the attempts end.
 */
export const verdictOn = ({ statusCode, headers }: Answer, target: string, now: number): Error | undefined => {
  if (statusCode >= 200 && statusCode < 300) return undefined;
  if (statusCode === 410) return new PermanentError(`${target} answered 410: it is gone`);
  const redirect = statusCode >= 300 && statusCode < 400 ? '; redirects are not followed' : '';
  const retryAfterMs = SAYS_WHEN.has(statusCode) ? parseRetryAfter(headers['retry-after'], now) : undefined;
  return new TransientError(`${target} answered ${statusCode}${redirect}`, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
};
