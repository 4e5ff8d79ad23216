import { type Attempt, type Endpoint, shownUrl } from '@millrace/endpoints';
import type { TraceContext } from '@millrace/events';
import type { BatchSpans, CallSpan, SpanAttributes } from '@millrace/host';
import { type Delivery, TransientError, Unavailable } from '@millrace/streams';
import { buildConnector } from 'undici';
import { type AddressGuard, AddressRefused } from './address-guard.js';
import { Connections } from './connections.js';
import { type Answered, NotConnected, Overdue, reasonOf } from './exchange.js';
import { Unreachable, verdictOn } from './verdict.js';
import { requestOf, type WebhookRequest } from './webhook-request.js';

export interface ClientOptions {
  /** Most requests in flight. */
  readonly connections: number;
  /** How long a request may take from its name's resolution to the answer's last byte, in milliseconds. */
  readonly timeoutMs: number;
  /** Age in milliseconds at which a connection is used no more. Default a minute. */
  readonly maxAgeMs?: number;
  /** Which addresses requests may go to. */
  readonly guard: AddressGuard;
  /** Called with every request, when it is known what became of it. */
  readonly onAttempt?: (attempt: Attempt) => void;
}

const LONGEST_CONNECT_MS = 5000;
/** As long as names are kept by resolvers, about. */
const MAX_AGE_MS = 60_000;

/** Sends events to one endpoint over connections that are kept. */
export class EndpointClient {
  private readonly connections: Connections;
  private readonly path: string;
  private readonly target: string;
  private readonly timeoutMs: number;
  private isCut = false;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly options: ClientOptions,
  ) {
    const { connections, timeoutMs, guard, maxAgeMs = MAX_AGE_MS } = options;
    const { url } = endpoint;
    this.timeoutMs = timeoutMs;
    this.path = `${url.pathname}${url.search}`;
    this.target = `POST ${shownUrl(url)}`;
    this.connections = new Connections(url.origin, connections, {
      connect: buildConnector({ timeout: Math.min(timeoutMs, LONGEST_CONNECT_MS), lookup: guard.lookup }),
      maxAgeMs,
    });
  }

  /**
   * Resolves when the endpoint has accepted the event. Rejects with `Unreachable` if no connection can be
   * made, a `PermanentError` if it will never take it, a `TransientError` for the rest.
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
      at,
      attempt,
      type: event.type,
      source: request.source,
      id: request.id,
      stream,
      position,
      partition,
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
    sent.answer = answer.body;
    const failure = verdictOn(answer, this.target, Date.now());
    if (failure !== undefined) throw failure;
  }

  /** Gives up what is in flight: those requests reject with `Unavailable`, so that they are not counted. */
  cut(): void {
    this.isCut = true;
    this.connections.cut();
  }

  private async post({ headers: own, body }: WebhookRequest, trace: TraceContext | undefined): Promise<Answered> {
    const { path, timeoutMs } = this;
    const headers = trace === undefined ? own : { ...own, ...trace };
    try {
      this.options.guard.check(this.endpoint.url);
      return await this.connections.with((one) => one.exchange({ path, headers, body }, timeoutMs));
    } catch (error) {
      throw this.failureOf(error as Error);
    }
  }

  private failureOf(cause: Error): Error {
    const { target, timeoutMs } = this;
    if (this.isCut) return new Unavailable(`${target} was aborted by the shutdown`, { cause });
    const refused = cause instanceof NotConnected ? cause.cause : cause;
    if (refused instanceof AddressRefused) return new TransientError(`${target}: ${refused.message}`, { cause });
    if (cause instanceof NotConnected) return new Unreachable(`${target} cannot connect: ${cause.message}`, { cause });
    if (cause instanceof Overdue)
      return new TransientError(`${target} did not respond within ${timeoutMs} ms`, { cause });
    return new TransientError(`${target} closed the connection: ${reasonOf(cause)}`, { cause });
  }
}
