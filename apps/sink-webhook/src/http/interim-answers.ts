import type { Socket } from 'node:net';

/** `HTTP/1.1 102`: so much says whether a head is an interim one. */
const LINE = 12;
/** 101 is no interim answer: it would change the protocol, which nobody asked for. */
const INTERIM = /^HTTP\/1\.\d 1(?!01)\d\d$/;
const END = '\r\n\r\n';
/** A longer interim head goes on as it is, for the HTTP client to refuse. */
const LONGEST_HEAD = 16 * 1024;

/**
 * Takes interim answers (100, 102, 103) out of what a connection says before the answer itself. They say nothing that
 * matters here, RFC 9110 allows them unasked, and undici takes an unasked 100 for a broken answer.
 */
export class InterimAnswers {
  private held: Buffer | undefined;
  private isBeforeAnswer = true;

  /** The next answer is yet to come: a request is about to be sent. */
  begin(): void {
    this.isBeforeAnswer = true;
  }

  /** What there is to be read of a chunk; null where it is not known yet. */
  pass(chunk: Buffer | null): Buffer | null {
    if (chunk === null || !this.isBeforeAnswer) return chunk;
    let rest = this.held === undefined ? chunk : Buffer.concat([this.held, chunk]);
    for (;;) {
      if (rest.length < LINE) return this.hold(rest);
      if (!INTERIM.test(rest.toString('latin1', 0, LINE))) return this.release(rest);
      const end = rest.indexOf(END);
      if (end < 0) return rest.length > LONGEST_HEAD ? this.release(rest) : this.hold(rest);
      rest = rest.subarray(end + END.length);
    }
  }

  /** Reads of the socket give what `pass` lets through from now on. */
  watch(socket: Socket): void {
    const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
    socket.read = (size?: number) => this.pass(read(size));
  }

  private hold(rest: Buffer): null {
    this.held = rest.length === 0 ? undefined : rest;
    return null;
  }

  private release(rest: Buffer): Buffer {
    this.held = undefined;
    this.isBeforeAnswer = false;
    return rest;
  }
}
