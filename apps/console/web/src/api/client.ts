import type { Problem } from '@millrace/admin-api';
import { parseJson, writeJson } from '@millrace/json';
import { isSignInNeeded, keyHeaders } from './session.js';

/** What the admin API refused, in its own sentence. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    message: string,
    /** What tells one problem from another: `conflict`; undefined where something else answered. */
    readonly code?: string,
    /** Which part of the input it is about: `/filter/from` of a body, or the name of a parameter. */
    readonly pointer?: string,
  ) {
    super(message);
  }
}

type Parameter = string | number | boolean | null | undefined;

/** A path with its query; what is empty is left out. */
export const withQuery = (path: string, query: Readonly<Record<string, Parameter | readonly string[]>>): string => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) {
      if (one !== undefined && one !== null && one !== '') parameters.append(name, String(one));
    }
  }
  return parameters.size === 0 ? path : `${path}?${parameters}`;
};

/** A path of names that may hold anything: each is escaped. */
export const pathOf = (...parts: readonly (string | number)[]): string =>
  parts.map((part) => encodeURIComponent(part)).join('/');

interface Asked {
  readonly method?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Asks the admin API: `path` is what follows `/api/`. Rejects with an `ApiError`, or with an `AbortError` where `signal` aborts. */
export const ask = async <T>(path: string, { method = 'GET', body, signal }: Asked = {}): Promise<T> => {
  const response = await send(path, {
    method,
    ...(signal === undefined ? {} : { signal }),
    headers: { ...keyHeaders(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: writeJson(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw refusal(response.status, text);
  return (text === '' ? undefined : parseJson(text)) as T;
};

/** The response itself, for what is read as it comes. Rejects as `ask` does. */
export const open = async (path: string, signal: AbortSignal): Promise<Response> => {
  const response = await send(path, { headers: keyHeaders(), signal });
  if (!response.ok) throw refusal(response.status, await response.text());
  return response;
};

const send = async (path: string, init: RequestInit): Promise<Response> => {
  try {
    return await fetch(`api/${path}`, init);
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new ApiError(0, 'The console does not answer. Look whether it runs; what you typed is kept.');
  }
};

const refusal = (status: number, text: string): ApiError => {
  if (status === 401) isSignInNeeded.set(true);
  const { detail, title, code, pointer } = problemOf(text);
  return new ApiError(status, detail ?? title ?? `The console answers ${status}`, code, pointer);
};

const problemOf = (text: string): Partial<Problem> => {
  try {
    return parseJson(text) as Partial<Problem>;
  } catch {
    return {};
  }
};

/** What the API says of a member of the body; undefined where it says nothing, or speaks of something else. */
export const problemAt = (error: Error | undefined, pointer: string): string | undefined => {
  if (!(error instanceof ApiError)) return undefined;
  return error.pointer === pointer || error.pointer?.startsWith(`${pointer}/`) ? error.message : undefined;
};
