import type { ServerResponse } from 'node:http';
import { whenOver } from '@millrace/host';
import { writeJson } from '@millrace/json';
import type { FastifyReply } from 'fastify';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
  // Else a connection whose answer ends while the server stops is kept for another request, and holds up the stop.
  connection: 'close',
};
/** A proxy between may end what is silent for longer. */
const ALIVE_EVERY_MS = 15_000;

/** Makes an answer one of server-sent events. */
export const startEventStream = (reply: FastifyReply): ServerResponse => {
  reply.hijack();
  reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...HEADERS });
  reply.raw.flushHeaders();
  return reply.raw;
};

/** Server-sent events to one watcher. Whoever does not read fast enough misses some rather than filling our memory. */
export class EventStream {
  private readonly closing = new AbortController();
  private readonly alive: NodeJS.Timeout;

  constructor(private readonly response: ServerResponse) {
    this.alive = setInterval(() => this.write(':\n\n'), ALIVE_EVERY_MS);
    whenOver(response, () => this.left());
  }

  /** Aborts when nobody listens any more. */
  get closed(): AbortSignal {
    return this.closing.signal;
  }

  /** False where it was left out. */
  send(event: string, data: unknown): boolean {
    // Nothing is made for who does not read.
    if (this.isBusy) return false;
    return this.write(`event: ${event}\ndata: ${writeJson(data)}\n\n`);
  }

  end(): void {
    // Whoever does not read what was sent is not waited for.
    if (this.response.writableNeedDrain) this.response.destroy();
    else this.response.end();
  }

  private get isBusy(): boolean {
    const { destroyed, writableEnded, writableNeedDrain } = this.response;
    return destroyed || writableEnded || writableNeedDrain;
  }

  private left(): void {
    clearInterval(this.alive);
    this.closing.abort();
  }

  private write(text: string): boolean {
    if (this.isBusy) return false;
    this.response.write(text);
    return true;
  }
}
