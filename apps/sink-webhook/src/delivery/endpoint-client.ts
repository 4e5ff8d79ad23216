import { type Attempt, type Endpoint, shownUrl } from '@millrace/endpoints';
import type { TraceContext } from '@millrace/events';
import type { BatchSpans, CallSpan, SpanAttributes } from '@millrace/host';
import { type Delivery, TransientError, Unavailable } from '@millrace/streams';
import { type Dispatcher, errors, Pool } from 'undici';
import { type AddressGuard, AddressRefused } from './address-guard.js';
import { verdictOn } from './verdict.js';
import { requestOf, type WebhookRequest } from './webhook-request.js';

/** How requests are made. */
export interface ClientOptions {
  /** Most requests under way. */
  readonly connections: number;
  /** How long the endpoint may take to answer, in milliseconds, once it has the request. */
  readonly timeoutMs: number;
  /** Which addresses requests may go to. */
  readonly guard: AddressGuard;
  /** Told of every request, when it is known what became of it. */
  readonly onAttempt?: (attempt: Attempt) => void;
}

const LONGEST_CONNECT_MS = 5000;
/** An answer's body is read so that its connection can be used again; a longer one costs the connection. */
const LONGEST_BODY = 64 * 1024;
/** How much of an answer is kept to be looked at. */
const KEPT_OF_BODY = 256;

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
    private readonly options: ClientOptions,
  ) {
    const { connections, timeoutMs, guard } = options;
    const { url } = endpoint;
    this.timeoutMs = timeoutMs;
    this.path = `${url.pathname}${url.search}`;
    this.target = `POST ${shownUrl(url)}`;
    this.pool = new Pool(url.origin, {
      connections,
      connect: { timeout: Math.min(timeoutMs, LONGEST_CONNECT_MS), lookup: guard.lookup },
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
  async send(delivery: Delivery, spans?: BatchSpans): Promise<void> {
    const at = Date.now();
    const request = requestOf(delivery, this.endpoint, at);
    const call = spans?.call('POST', this.attributesOf(delivery));
    const begin = performance.now();
    const sent: { status?: number; answer?: string } = {};
    const failure = await this.exchange(request, sent, call).then(
      () => undefined,
      (error: Error) => error,
    );
    call?.end(failure, sent.status === undefined ? {} : { 'http.response.status_code': sent.status });
    const { stream, position, partition, attempt, event } = delivery;
    this.options.onAttempt?.({
      ...{ at, attempt, type: event.type, source: request.source, id: request.id, stream, position, partition },
      ms: Math.round(performance.now() - begin),
      ...sent,
      ...(failure === undefined ? {} : { failure: failure.message }),
    });
    if (failure !== undefined) throw failure;
  }

  /** The address without its path, in which some keep a key. */
  private attributesOf({ attempt }: Delivery): SpanAttributes {
    const { name, url } = this.endpoint;
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
    return {
      'http.request.method': 'POST',
      'server.address': url.hostname,
      'server.port': port,
      'millrace.endpoint': name,
      ...(attempt > 1 ? { 'http.request.resend_count': attempt - 1 } : {}),
    };
  }

  private async exchange(
    request: WebhookRequest,
    sent: { status?: number; answer?: string },
    call: CallSpan | undefined,
  ): Promise<void> {
    const answer = await this.post(request, call?.context ?? request.trace);
    sent.status = answer.statusCode;
    sent.answer = await this.empty(answer.body);
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

  /**
   * Resolves with the start of a body at its end, however it ends: what the status says is decided, and a body costs its
   * connection at most.
   */
  private empty(body: Dispatcher.ResponseData['body']): Promise<string> {
    return new Promise((resolve) => {
      const kept: Buffer[] = [];
      let length = 0;
      // Not an AbortSignal: its bookkeeping takes as long as the request's own headers.
      const overdue = setTimeout(() => body.destroy(), this.timeoutMs);
      body.on('data', (chunk: Buffer) => {
        if (length < KEPT_OF_BODY) kept.push(chunk);
        length += chunk.length;
        if (length > LONGEST_BODY) body.destroy();
      });
      body.on('error', () => undefined);
      body.on('close', () => {
        clearTimeout(overdue);
        resolve(Buffer.concat(kept).subarray(0, KEPT_OF_BODY).toString('utf8'));
      });
    });
  }

  private async post(
    { headers: own, body }: WebhookRequest,
    trace: TraceContext | undefined,
  ): Promise<Dispatcher.ResponseData> {
    const { path } = this;
    const headers = trace === undefined ? own : { ...own, ...trace };
    try {
      this.options.guard.check(this.endpoint.url);
      return await this.pool.request({ method: 'POST', path, headers, body });
    } catch (error) {
      throw this.failureOf(error as Error);
    }
  }

  private failureOf(cause: Error): Error {
    const { target } = this;
    if (this.isCut) return new Unavailable(`${target} was cut off by the stop`, { cause });
    if (cause instanceof AddressRefused) return new TransientError(`${target}: ${cause.message}`, { cause });
    if (this.notConnected.has(cause)) return new Unavailable(`${target} cannot connect: ${reasonOf(cause)}`, { cause });
    if (cause instanceof errors.HeadersTimeoutError) {
      return new TransientError(`${target} gave no answer within ${this.timeoutMs} ms`, { cause });
    }
    return new TransientError(`${target} broke off: ${reasonOf(cause)}`, { cause });
  }
}

/** Node joins the errors of several addresses to one without a message of its own. */
const reasonOf = (error: Error): string => error.message || ((error as NodeJS.ErrnoException).code ?? error.name);
