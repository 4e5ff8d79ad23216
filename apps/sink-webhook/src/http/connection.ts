import type { Socket } from 'node:net';
import { type buildConnector, Client, type Dispatcher } from 'undici';
import { type Answered, Exchange } from './exchange.js';
import { InterimAnswers } from './interim-answers.js';

/** How a connection is made, and for how long. */
export interface ConnectionOptions {
  readonly connect: buildConnector.connector;
  /** Age in milliseconds at which a connection is used no more. */
  readonly maxAgeMs: number;
}

type Request = Pick<Dispatcher.DispatchOptions, 'path' | 'headers' | 'body'>;

/** Of an age, some less, so that connections that were made together do not end together. */
const JITTER = 0.25;

/**
 * One connection to an origin, for one request at a time: made when it is needed, kept for the next, and made anew where it
 * broke or is old, so that a busy endpoint follows its name to a new address.
 */
export class Connection {
  private client: Client;
  private socket: Socket | undefined;
  private interim = new InterimAnswers();
  private oldAt = Number.POSITIVE_INFINITY;

  constructor(
    private readonly origin: string,
    private readonly options: ConnectionOptions,
  ) {
    this.client = this.fresh();
  }

  /** Rejects with `NotConnected` where nothing was sent, `Overdue` after the deadline, and else as undici does. */
  async exchange(request: Request, timeoutMs: number): Promise<Answered> {
    if (performance.now() >= this.oldAt) this.socket?.destroy();
    this.interim.begin();
    const exchange = new Exchange(timeoutMs);
    this.client.dispatch({ method: 'POST', ...request }, exchange);
    try {
      return await exchange.answered;
    } finally {
      // What was given up must not keep the next one waiting, be it for a connection or for the rest of an answer.
      if (!exchange.isWhole) this.restart();
    }
  }

  /** Ends it at once; what is in flight rejects. */
  destroy(): void {
    this.client.destroy().catch(() => undefined);
  }

  private restart(): void {
    this.destroy();
    this.client = this.fresh();
  }

  private fresh(): Client {
    return new Client(this.origin, {
      // The deadline is the exchange's.
      ...{ headersTimeout: 0, bodyTimeout: 0, keepAliveMaxTimeout: this.options.maxAgeMs },
      connect: (options, callback) =>
        this.options.connect(options, (...made) => {
          const [error, socket] = made;
          if (error === null) this.adopt(socket);
          callback(...made);
        }),
    });
  }

  private adopt(socket: Socket): void {
    this.socket = socket;
    this.interim = new InterimAnswers();
    this.interim.watch(socket);
    this.oldAt = performance.now() + this.options.maxAgeMs * (1 - JITTER * Math.random());
  }
}
