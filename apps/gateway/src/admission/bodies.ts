import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '@millrace/api-keys';
import { problem, RequestRefused, whenOver } from '@millrace/host';

/** What is held of the body of one request until it is answered. */
export interface HeldBody {
  /** So many bytes are held now. Throws a 503 where there is no room for more than before. */
  hold(bytes: number): void;
}

const RETRY_AFTER = { 'retry-after': '1', connection: 'close' };

/** Bounds what the bodies of all requests that are not answered yet take, in bytes; one API key may have half of it. */
export class Bodies {
  private held = 0;
  private readonly byPrincipal = new Map<string, number>();

  constructor(
    private readonly mostBytes: number,
    /** Of one body. */
    private readonly limit: number,
  ) {}

  /** Of a request, from now until its answer is sent or its client is gone. */
  of(principal: Principal, answer: ServerResponse): HeldBody {
    let mine = 0;
    let isOver = false;
    const to = (bytes: number): void => {
      this.held += bytes - mine;
      const ofPrincipal = (this.byPrincipal.get(principal.id) ?? 0) + bytes - mine;
      if (ofPrincipal === 0) this.byPrincipal.delete(principal.id);
      else this.byPrincipal.set(principal.id, ofPrincipal);
      mine = bytes;
    };
    whenOver(answer, () => {
      isOver = true;
      to(0);
    });
    return {
      hold: (bytes) => {
        if (isOver) return; // Nobody would let go of it.
        if (bytes > mine) this.refuseBeyond(principal, bytes - mine);
        to(bytes);
      },
    };
  }

  /** A whole body. Rejects with a 413 where it is over the limit, and with a 503 where others leave it no room. */
  collect(stream: IncomingMessage, body: HeldBody): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      // What still comes is dropped, until the client has read the answer and the connection ends.
      const refuse = (error: unknown): void => {
        stream.off('data', take).resume();
        reject(error as Error);
      };
      const take = (chunk: Buffer): void => {
        length += chunk.length;
        try {
          if (length > this.limit) throw tooLarge(this.limit);
          body.hold(length);
          chunks.push(chunk);
        } catch (error) {
          refuse(error);
        }
      };
      stream
        .once('error', reject)
        .once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
        .on('data', take);
      if (Number(stream.headers['content-length'] ?? 0) > this.limit) refuse(tooLarge(this.limit));
    });
  }

  private refuseBeyond(principal: Principal, more: number): void {
    // Where no key is asked for all are one.
    const most = principal.id === '' ? this.mostBytes : Math.max(this.limit, this.mostBytes / 2);
    if (this.held + more <= this.mostBytes && (this.byPrincipal.get(principal.id) ?? 0) + more <= most) return;
    const detail = `Request bodies in flight have ${this.held} bytes; the limit is ${this.mostBytes} (BODIES_MAX_BYTES)`;
    throw new RequestRefused(problem('busy', 503, detail), RETRY_AFTER);
  }
}

const tooLarge = (limit: number): RequestRefused =>
  new RequestRefused(problem('too-large', 413, `The body is too large; the limit is ${limit} bytes`), {
    connection: 'close',
  });
