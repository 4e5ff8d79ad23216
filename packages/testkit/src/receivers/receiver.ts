import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { Received, type ReceivedWebhook } from './received.js';

/** What the receiver answers. */
export interface ReceiverAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
}

/** How to receive. */
export interface ReceiverOptions {
  /** `whsec_…`, as the sender has it. */
  readonly secret: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Default: 204 for what verifies, 401 for the rest. */
  readonly respond?: (request: ReceivedWebhook) => ReceiverAnswer | Promise<ReceiverAnswer>;
}

/** What a receiver counted; its answer to any GET. */
export interface ReceiverCounts {
  readonly received: number;
  readonly verified: number;
  readonly invalid: number;
  /** Different verified `webhook-id`s. */
  readonly distinct: number;
}

/** A local webhook receiver that checks Standard Webhooks signatures and counts. */
export interface Receiver {
  /** `http://127.0.0.1:<port>/`; any path is received. */
  readonly url: string;
  readonly port: number;
  readonly received: number;
  readonly verified: number;
  /** Received with no signature, a wrong one, or one that is too old. */
  readonly invalid: number;
  /** How often each verified `webhook-id` came: the last 100,000. */
  readonly ids: ReadonlyMap<string, number>;
  /** The last 100 requests, oldest first. */
  readonly recent: readonly ReceivedWebhook[];
  /** Ends the open connections too. Calling it again is a no-op. */
  stop(): Promise<void>;
}

const LONGEST_BODY = 4 * 1024 * 1024;

/** Listens on the loopback address. Rejects with one line if the port is taken. */
export const startReceiver = async (options: ReceiverOptions): Promise<Receiver> => {
  const webhook = new Webhook(options.secret);
  const seen = new Received();
  const respond = options.respond ?? byVerdict;
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // Every slow answer waits for it.

  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'GET') return void tellCounts(response, seen);
    const body = await bodyOf(request);
    if (body === undefined) return void response.writeHead(413).end();
    const headers = plain(request);
    const received = { path: request.url ?? '/', headers, body, id: headers['webhook-id'], verified: false };
    const checked = { ...received, verified: verifies(webhook, body, headers) };
    seen.add(checked);
    const answer = await respond(checked);
    if (answer.delayMs) await pause(answer.delayMs, undefined, { signal: stopping.signal });
    response.writeHead(answer.status, answer.headers).end();
  };

  const server = createServer((request, response) => {
    receive(request, response).catch((error: Error) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(error.message);
    });
  });
  await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    ids: seen.ids,
    recent: seen.recent,
    get received() {
      return seen.received;
    },
    get verified() {
      return seen.verified;
    },
    get invalid() {
      return seen.received - seen.verified;
    },
    stop: () =>
      new Promise((resolve) => {
        stopping.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const byVerdict = ({ verified }: ReceivedWebhook): ReceiverAnswer => ({ status: verified ? 204 : 401 });

const tellCounts = (response: ServerResponse, { received, verified, ids }: Received): void => {
  const counts: ReceiverCounts = { received, verified, invalid: received - verified, distinct: ids.size };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(counts));
};

const listen = (server: ReturnType<typeof createServer>, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(cause.code === 'EADDRINUSE' ? new Error(`port ${port} is taken by another process`, { cause }) : cause),
    );
    server.listen(port, host, resolve);
  });

const bodyOf = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= LONGEST_BODY) chunks.push(chunk);
  }
  return length > LONGEST_BODY ? undefined : Buffer.concat(chunks).toString('utf8');
};

const plain = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));

const verifies = (webhook: Webhook, body: string, headers: Record<string, string>): boolean => {
  try {
    webhook.verify(body, headers, { jsonParse: false });
    return true;
  } catch {
    return false; // The library says "no" by throwing, whatever is wrong.
  }
};
