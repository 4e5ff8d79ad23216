import { type Dispatcher, errors } from 'undici';
import type { EndpointResponse } from './verdict.js';

/** An answer with the start of its body as text. */
export interface Answered extends EndpointResponse {
  readonly body: string;
}

/** No connection was made, so nothing was sent. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';
}

/** It took longer than it may. */
export class Overdue extends Error {
  override readonly name = 'Overdue';
}

/** A longer answer costs its connection: the rest is not read. */
const LONGEST_BODY = 64 * 1024;
/** How much of an answer is kept to be looked at. */
const KEPT_OF_BODY = 256;

/**
 * One request and its answer under one deadline, which begins with it and ends with the answer's last byte: a name that
 * does not resolve, a slow handshake, dripping headers and a dripping body share it. Once the status is known it decides,
 * however the body ends.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly answered: Promise<Answered>;
  /** Whether the answer came to its end, so that its connection can have another. */
  isWhole = false;
  private resolve!: (answered: Answered) => void;
  private reject!: (error: Error) => void;
  private isSent = false;
  private answer: EndpointResponse | undefined;
  private readonly kept: Buffer[] = [];
  private length = 0;
  private isOver = false;
  // Not an AbortSignal: its bookkeeping takes as long as the request's own headers.
  private readonly overdue: NodeJS.Timeout;

  constructor(timeoutMs: number) {
    this.answered = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.overdue = setTimeout(() => this.end(new Overdue(`no response within ${timeoutMs} ms`)), timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.isSent = true;
    // The connection came too late: nobody waits for an answer any more, so nothing may be sent.
    if (this.isOver) controller.abort(new Overdue('no longer wanted'));
  }

  onResponseStart(_: Dispatcher.DispatchController, statusCode: number, headers: EndpointResponse['headers']): void {
    this.answer = { statusCode, headers };
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.length < KEPT_OF_BODY) this.kept.push(chunk.subarray(0, KEPT_OF_BODY - this.length));
    this.length += chunk.length;
    if (this.length > LONGEST_BODY) this.end(new Error('the response is too large'));
  }

  onResponseEnd(): void {
    this.isWhole = true;
    this.settle(new Error('no response'));
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.end(error);
  }

  private end(error: Error): void {
    if (!this.isOver) this.settle(error);
  }

  /** With the answer where there is one, else with the error. */
  private settle(error: Error): void {
    this.isOver = true;
    clearTimeout(this.overdue);
    if (this.answer !== undefined) {
      this.resolve({ ...this.answer, body: Buffer.concat(this.kept).toString('utf8') });
    } else this.reject(this.isSent || error instanceof errors.InvalidArgumentError ? error : notConnected(error));
  }
}

const notConnected = (cause: Error): NotConnected => new NotConnected(reasonOf(cause), { cause });

/** Node joins the errors of several addresses to one without a message of its own. */
export const reasonOf = (error: Error): string =>
  error.message || ((error as NodeJS.ErrnoException).code ?? error.name);
