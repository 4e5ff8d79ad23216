import { parseJson, writeJson } from '@millrace/json';
import { isSignInNeeded, keyHeaders } from './session.js';

/** What the admin API refused, in its own sentence. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    message: string,
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
  return new ApiError(status, detailOf(text) ?? `The console answers ${status}`);
};

const detailOf = (text: string): string | undefined => {
  try {
    const { detail, title } = parseJson(text) as { detail?: string; title?: string };
    return detail ?? title;
  } catch {
    return undefined;
  }
};
