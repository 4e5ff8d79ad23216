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

type Query = Readonly<Record<string, string | number | undefined>>;

/** The admin API of a console. Every method rejects with an `ApiError`. */
export class Api {
  constructor(private readonly options: ApiOptions) {}

  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.ask('GET', path, undefined, query);
  }

  post<T>(path: string, body: unknown = {}, query: Query = {}): Promise<T> {
    return this.ask('POST', path, body, query);
  }

  put<T>(path: string, body: unknown, query: Query = {}): Promise<T> {
    return this.ask('PUT', path, body, query);
  }

  delete<T>(path: string, query: Query = {}): Promise<T> {
    return this.ask('DELETE', path, undefined, query);
  }

  private async ask<T>(method: string, path: string, body: unknown, query: Query): Promise<T> {
    const url = this.urlOf(path, query);
    const response = await fetch(url, {
      method,
      redirect: 'manual', // Whoever it sends us to is not to have the key.
      headers: {
        ...(this.options.key === undefined ? {} : { 'x-api-key': this.options.key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: Error) => {
      const { code } = (error.cause ?? {}) as { code?: string };
      throw new ApiError(`${this.options.url} does not answer (${code ?? error.message}); is the console there?`, 0);
    });
    const text = await response.text().catch((error: Error) => {
      throw new ApiError(`${this.options.url} broke off its answer: ${error.message}`, 0);
    });
    if (!response.ok) throw new ApiError(reasonOf(text, response.status), response.status);
    try {
      return (text === '' ? undefined : JSON.parse(text)) as T;
    } catch {
      throw new ApiError(`${this.options.url} answers with what is no JSON; is this the address of a console?`, 0);
    }
  }

  private urlOf(path: string, query: Query): URL {
    const base = this.options.url.endsWith('/') ? this.options.url : `${this.options.url}/`;
    if (!URL.canParse(base))
      throw new ApiError(`"${this.options.url}" is no URL; it takes one as http://127.0.0.1:8090`, 0);
    const url = new URL(`api/${path}`, base);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    return url;
  }
}

const reasonOf = (text: string, status: number): string => {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    if (typeof detail === 'string') return detail;
  } catch {
    // Something else answers there.
  }
  return `the answer was ${status}; is this the address of a console?`;
};

/** A part of a path. Throws an `ApiError` for what would be taken for the folder itself, or the one above. */
export const part = (name: string): string => {
  if (name === '' || name === '.' || name === '..') throw new ApiError(`"${name}" is no name`, 400);
  return encodeURIComponent(name);
};
