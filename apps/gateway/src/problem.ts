import { EventError } from '@millrace/events';
import { Unavailable } from '@millrace/streams';

/** A problem detail, RFC 9457. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The same request may succeed later. */
  readonly retryable?: boolean;
}

/** A request that is refused as a whole. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';

  constructor(
    readonly problem: Problem,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(problem.detail);
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is malformed',
  401: 'An API key is needed',
  404: 'There is nothing here',
  405: 'The method is not allowed here',
  413: 'The request is too large',
  415: 'The media type is not supported',
  422: 'The event is not valid',
  429: 'The pipeline is behind',
  500: 'The gateway failed',
  503: 'The pipeline is not available',
};

/** `urn:millrace:problem:not-json` and the like: stable names for programs, no pages to fetch. */
export const problem = (code: string, status: number, detail: string): Problem => ({
  type: `urn:millrace:problem:${code}`,
  title: TITLES[status] ?? 'The request failed',
  status,
  detail,
  ...(status === 429 || status === 503 ? { retryable: true } : {}),
});

const RETRY_AFTER_SECONDS = '1';

/** The problem of any error, and the headers that go with it. What is not ours is a 500 that tells nothing more. */
export const problemOf = (error: unknown): { problem: Problem; headers: Readonly<Record<string, string>> } => {
  if (error instanceof RequestRefused) return { problem: error.problem, headers: error.headers };
  if (error instanceof EventError) return { problem: problem(error.code, error.status, error.message), headers: {} };
  if (error instanceof Unavailable) {
    return {
      problem: problem('unavailable', 503, `Nothing was accepted: ${error.message}`),
      headers: { 'retry-after': RETRY_AFTER_SECONDS },
    };
  }
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return { problem: problem('bad-request', statusCode, String(message)), headers: {} };
  }
  return { problem: problem('internal', 500, 'An error that is not the fault of the request; see the log'), headers: {} };
};
