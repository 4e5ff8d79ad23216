import { wholeList } from '@millrace/admin-api/client';
import { parseJson, writeJson } from '@millrace/json';
import { withQuery } from './address.js';
import { ApiError, apiErrorOf } from './api-error.js';
import { isSignInNeeded, keyHeaders } from './session.js';

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
  if (!response.ok) throw refused(response.status, text);
  return (text === '' ? undefined : parseJson(text)) as T;
};

/** A list of what is kept by name, to its end. */
export const askAll = async <T>(path: string, asked?: Asked): Promise<T> => {
  const whole = await wholeList((cursor) => ask<T & { next: string | null }>(withQuery(path, { cursor }), asked));
  return whole as T;
};

/** The response itself, for what is read as it comes. Rejects as `ask` does. */
export const open = async (path: string, signal: AbortSignal): Promise<Response> => {
  const response = await send(path, { headers: keyHeaders(), signal });
  if (!response.ok) throw refused(response.status, await response.text());
  return response;
};

const send = async (path: string, init: RequestInit): Promise<Response> => {
  try {
    return await fetch(`api/${path}`, init);
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new ApiError(0, 'The console is unreachable. Check that it is running; your input is kept.');
  }
};

const refused = (status: number, text: string): ApiError => {
  if (status === 401) isSignInNeeded.set(true);
  return apiErrorOf(status, text);
};
