import { type Delivery, TransientError, Unavailable } from '@millrace/streams';
import { type Dispatcher, errors, Pool } from 'undici';
import { type Endpoint, shownUrl } from '../endpoints/endpoint.js';
import { verdictOn } from './verdict.js';
import { requestOf, type WebhookRequest } from './webhook-request.js';

/** How requests are made. */
export interface ClientOptions {
  /** Most requests under way. */
  readonly connections: number;
  /** How long the endpoint may take to answer, in milliseconds, once it has the request. */
  readonly timeoutMs: number;
}

const LONGEST_CONNECT_MS = 5000;
/** An answer's body is read so that its connection can be used again; a longer one costs the connection. */
const LONGEST_BODY = 64 * 1024;

/** Sends events to one endpoint over connections that are kept. */
export class EndpointClient {
  private readonly pool: Pool;
  private readonly path: string;
  private readonly target: string;
  private readonly timeoutMs: number;
  private readonly notConnected = new WeakSet<Error>();
  private isCut = false;

  constructor(
    private readonly endpoint: Endpoint,
    { connections, timeoutMs }: ClientOptions,
  ) {
    const { url } = endpoint;
    this.timeoutMs = timeoutMs;
    this.path = `${url.pathname}${url.search}`;
    this.target = `POST ${shownUrl(url)}`;
    this.pool = new Pool(url.origin, {
      connections,
      connect: { timeout: Math.min(timeoutMs, LONGEST_CONNECT_MS) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    // Codes do not tell a connection that was refused from one that broke; undici's own event does.
    this.pool.on('connectionError', (_origin, _targets, error) => this.notConnected.add(error));
  }

  /**
   * Resolves when the endpoint has accepted the event. Rejects with `Unavailable` if it cannot be reached, a
   * `PermanentError` if it will never take it, a `TransientError` for the rest.
   */
  async send(delivery: Delivery): Promise<void> {
    const answer = await this.post(requestOf(delivery, this.endpoint, Date.now()));
    await this.empty(answer.body);
    const failure = verdictOn(answer, this.target, Date.now());
    if (failure !== undefined) throw failure;
  }

  /** Gives up what is under way: those requests reject with `Unavailable`, so that they are not counted. */
  async cut(): Promise<void> {
    this.isCut = true;
    await this.pool.destroy();
  }

  /** Frees the connections, once what is under way is done. A no-op after `cut`. */
  async close(): Promise<void> {
    if (!this.isCut) await this.pool.close();
  }

  /** Resolves at the end of a body, however it ends: what the status says is decided, and a body costs its connection at most. */
  private async empty(body: Dispatcher.ResponseData['body']): Promise<void> {
    // Not an AbortSignal: its bookkeeping takes as long as the request's own headers.
    const overdue = setTimeout(() => body.destroy(), this.timeoutMs);
    await body.dump({ limit: LONGEST_BODY }).catch(() => undefined);
    clearTimeout(overdue);
  }

  private async post({ headers, body }: WebhookRequest): Promise<Dispatcher.ResponseData> {
    const { path } = this;
    try {
      return await this.pool.request({ method: 'POST', path, headers, body });
    } catch (error) {
      throw this.failureOf(error as Error);
    }
  }

  private failureOf(cause: Error): Error {
    const { target } = this;
    if (this.isCut) return new Unavailable(`${target} was cut off by the stop`, { cause });
    if (this.notConnected.has(cause)) return new Unavailable(`${target} cannot connect: ${reasonOf(cause)}`, { cause });
    if (cause instanceof errors.HeadersTimeoutError) {
      return new TransientError(`${target} gave no answer within ${this.timeoutMs} ms`, { cause });
    }
    return new TransientError(`${target} broke off: ${reasonOf(cause)}`, { cause });
  }
}

/** Node joins the errors of several addresses to one without a message of its own. */
const reasonOf = (error: Error): string => error.message || ((error as NodeJS.ErrnoException).code ?? error.name);
