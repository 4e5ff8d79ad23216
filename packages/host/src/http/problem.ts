import type { Problem } from '@millrace/admin-api';
import { Unavailable } from '@millrace/streams';
import { HttpException } from '@nestjs/common';

/** The media type of a problem. */
export const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

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
  401: 'An API key is required',
  403: 'This is not allowed',
  404: 'Not found',
  405: 'The method is not allowed here',
  408: 'The request was not received in time',
  409: 'The request conflicts with the current state',
  413: 'The request is too large',
  415: 'The media type is not supported',
  422: 'The content is not valid',
  429: 'The pipeline is behind',
  431: 'The headers are too large',
  500: 'The service failed',
  503: 'The pipeline is unavailable',
};

/**
 * A problem with its code: stable names for programs, no pages to fetch. `pointer` says which part of the input it is about.
 */
export const problem = (code: string, status: number, detail: string, pointer?: string): Problem => ({
  type: `urn:millrace:problem:${code}`,
  code,
  title: TITLES[status] ?? 'The request failed',
  status,
  detail,
  ...(pointer === undefined ? {} : { pointer }),
  ...(status === 429 || status === 503 ? { retryable: true } : {}),
});

const RETRY_AFTER_SECONDS = '1';
const CODES: Readonly<Record<number, string>> = {
  415: 'unsupported-media-type',
  404: 'not-found',
  405: 'method-not-allowed',
  413: 'too-large',
};

const messageOf = (error: HttpException): string => {
  const answer = error.getResponse();
  const message = typeof answer === 'string' ? answer : (answer as { message?: string | string[] }).message;
  return Array.isArray(message) ? message.join('; ') : (message ?? error.message);
};

/** Status and message of an error of Nest's or Fastify's that blames the request, else undefined. */
const blameOf = (error: unknown): { status: number; message: string } | undefined => {
  if (error instanceof HttpException) return { status: error.getStatus(), message: messageOf(error) };
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  return statusCode === undefined ? undefined : { status: statusCode, message: String(message) };
};

/** The problem of any error, and the headers that go with it. What is not ours is a 500 that tells nothing more. */
export const problemOf = (error: unknown): { problem: Problem; headers: Readonly<Record<string, string>> } => {
  if (error instanceof RequestRefused) return { problem: error.problem, headers: error.headers };
  if (error instanceof Unavailable) {
    return {
      problem: problem('unavailable', 503, error.message),
      headers: { 'retry-after': RETRY_AFTER_SECONDS },
    };
  }
  const blame = blameOf(error);
  if (blame !== undefined && blame.status >= 400 && blame.status < 500) {
    return { problem: problem(CODES[blame.status] ?? 'bad-request', blame.status, blame.message), headers: {} };
  }
  return {
    problem: problem('internal', 500, 'Internal error; see the log of the service'),
    headers: {},
  };
};
