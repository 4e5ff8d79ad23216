import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { parseJson, writeJson } from '@millrace/json';
import { type ServerSentEvent, serverSentEvents } from './server-sent-events.js';

/** What the admin API refused, in its own words. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    message: string,
    /** Of the answer; 0 where there was none. */
    readonly status: number,
  ) {
    super(message);
  }
}

/** Where the admin API is, and who asks. */
export interface ApiOptions {
  readonly url: string;
  readonly key?: string | undefined;
}

/** An answer that may be a refusal. */
export interface RawAnswer {
  readonly status: number;
  readonly text: string;
  /** Seconds after which to come again, where the answer says so. */
  readonly retryAfter: number | undefined;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/** The admin API of a console. Every method rejects with an `ApiError`. */
export class Api {
  private found: Promise<ApiOptions> | undefined;

  /** Where it is is asked for with the first request: a command that sends none needs no profile to be right. */
  constructor(private readonly find: () => Promise<ApiOptions>) {}

  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.ask('GET', path, undefined, query);
  }

  post<T>(path: string, body: unknown = {}, query: Query = {}): Promise<T> {
    return this.ask('POST', path, body, query);
  }

  put<T>(path: string, body: unknown, query: Query = {}): Promise<T> {
    return this.ask('PUT', path, body, query);
  }

  patch<T>(path: string, body: unknown, query: Query = {}): Promise<T> {
    return this.ask('PATCH', path, body, query);
  }

  delete<T>(path: string, query: Query = {}): Promise<T> {
    return this.ask('DELETE', path, undefined, query);
  }

  /** Posts a text as it is, and gives the answer whatever its status. */
  async postText(path: string, text: string, headers: Readonly<Record<string, string>>): Promise<RawAnswer> {
    return send(await this.address(), { method: 'POST', path, body: text, headers });
  }

  /**
   * Server-sent events, until the signal aborts. It waits for them as long as it takes, which fetch does not: that gives up
   * after five minutes of silence.
   */
  async *events(path: string, query: Query, signal: AbortSignal): AsyncIterable<ServerSentEvent> {
    const address = await this.address();
    const url = urlOf(address, path, query);
    const headers = { ...keyHeader(address), accept: 'text/event-stream' };
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, { headers, signal });
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request.once('response', resolve).once('error', reject).end();
      });
      response.setEncoding('utf8');
      const status = response.statusCode as number;
      if (status !== 200) throw new ApiError(reasonOf((await response.toArray()).join(''), status), status);
      yield* serverSentEvents(response as AsyncIterable<string>);
    } catch (error) {
      if (signal.aborted) return;
      throw error instanceof ApiError ? error : away(address, error as Error);
    } finally {
      request.on('error', () => undefined).destroy();
    }
    if (!signal.aborted)
      throw new ApiError(`${address.url} ended its response early; is the console shutting down?`, 0);
  }

  private async ask<T>(method: string, path: string, body: unknown, query: Query): Promise<T> {
    const address = await this.address();
    const json = body === undefined ? {} : { body: writeJson(body), headers: { 'content-type': 'application/json' } };
    const { status, text } = await send(address, { method, path, query, ...json });
    if (status < 200 || status > 299) throw new ApiError(reasonOf(text, status), status);
    try {
      return (text === '' ? undefined : parseJson(text)) as T;
    } catch {
      throw new ApiError(`${address.url} did not return JSON; is this the address of a console?`, 0);
    }
  }

  private address(): Promise<ApiOptions> {
    this.found ??= this.find();
    return this.found;
  }
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query?: Query;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const send = async (address: ApiOptions, { method, path, query = {}, body, headers }: Sent): Promise<RawAnswer> => {
  const response = await fetch(urlOf(address, path, query), {
    method,
    redirect: 'manual', // Whoever it sends us to is not to have the key.
    headers: { ...headers, ...keyHeader(address) },
    ...(body === undefined ? {} : { body }),
  }).catch((error: Error) => {
    throw away(address, (error.cause ?? error) as Error);
  });
  const text = await response.text().catch((error: Error) => {
    throw new ApiError(`${address.url} broke off its response: ${error.message}`, 0);
  });
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return { status: response.status, text, retryAfter: Number.isNaN(retryAfter) ? undefined : retryAfter };
};

const keyHeader = ({ key }: ApiOptions): Record<string, string> => (key === undefined ? {} : { 'x-api-key': key });

const away = ({ url }: ApiOptions, error: Error): ApiError =>
  new ApiError(
    `${url} is unreachable (${(error as { code?: string }).code ?? error.message}); is the console running?`,
    0,
  );

const urlOf = ({ url: given }: ApiOptions, path: string, query: Query): URL => {
  const base = given.endsWith('/') ? given : `${given}/`;
  if (!/^https?:/i.test(base) || !URL.canParse(base)) {
    throw new ApiError(`"${given}" is not a URL; expected one like http://127.0.0.1:8090`, 0);
  }
  const url = new URL(`api/${path}`, base);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
};

/** Why an answer is a refusal, in its own words where it has some. */
export const reasonOf = (text: string, status: number): string => {
  try {
    const { detail } = parseJson(text) as { detail?: unknown };
    if (typeof detail === 'string') return detail;
  } catch {
    // Something else answers there.
  }
  return `the response was ${status}; is this the address of a console?`;
};

/** A part of a path. Throws an `ApiError` for what would be taken for the folder itself, or the one above. */
export const part = (name: string): string => {
  if (name === '' || name === '.' || name === '..') throw new ApiError(`"${name}" is not a valid name`, 400);
  return encodeURIComponent(name);
};
