import { PermanentError, TransientError, Unavailable } from '@millrace/streams';
import { parseRetryAfter } from './retry-after.js';

/** An answer, as far as it decides anything. */
export interface EndpointResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Nobody will ever take anything there. */
export class EndpointGone extends PermanentError {
  override readonly name = 'EndpointGone';
}

/**
 * No connection to the endpoint can be made: its deliveries wait and are not counted. That it cannot be reached counts
 * against the endpoint.
 */
export class Unreachable extends Unavailable {}

/** The endpoint, or what stands in front of it, has too much to do. */
export class Overloaded extends TransientError {
  override readonly name = 'Overloaded';
}

/**
 * What may be logged of a failed attempt. What was wrong with the endpoint says so in words of ours; what was wrong with
 * the event quotes it.
 */
export const shownFailure = (error: Error): string =>
  error instanceof TransientError || error instanceof EndpointGone ? error.message : error.name;

const SAYS_WHEN = new Set([429, 503]);
const OVERLOADED = new Set([429, 502, 504]);

/**
 * What an answer decides: undefined is success, any 2xx. 410 says that nobody will ever take anything. All else may be otherwise
 * later, also a 4xx: the receiver's mistake is repaired more often than the event is at fault, and the attempts end.
 */
export const verdictOn = (
  { statusCode, headers }: EndpointResponse,
  target: string,
  now: number,
): Error | undefined => {
  if (statusCode >= 200 && statusCode < 300) return undefined;
  if (statusCode === 410) return new EndpointGone(`${target} responded 410 Gone`);
  const redirect = statusCode >= 300 && statusCode < 400 ? '; redirects are not followed' : '';
  const retryAfterMs = SAYS_WHEN.has(statusCode) ? parseRetryAfter(headers['retry-after'], now) : undefined;
  const Failure = OVERLOADED.has(statusCode) ? Overloaded : TransientError;
  return new Failure(`${target} responded ${statusCode}${redirect}`, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
};
