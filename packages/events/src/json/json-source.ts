import { isAscii, isUtf8 } from 'node:buffer';
import { EventError } from '../event-error.js';

const DEL = 0x7f;
const BACKSLASH = 0x5c;

/** JSON in UTF-8 and as text: scanned as the one, sliced as the other. */
export class JsonSource {
  /**
   * Nothing but printable ASCII and white space, and no escapes: if it is JSON, then no string in it can hold a
   * character that has to be looked for.
   */
  readonly isPlain: boolean;
  private readonly isAscii: boolean;
  private whole: string | undefined;

  /** Throws a 400 if bytes are not UTF-8; `what` names them. */
  constructor(
    readonly bytes: Buffer,
    what: string,
  ) {
    this.isAscii = isAscii(bytes);
    if (!this.isAscii && !isUtf8(bytes)) throw new EventError('invalid-utf8', 400, `${what} is not valid UTF-8`);
    this.isPlain = this.isAscii && !bytes.includes(BACKSLASH) && !bytes.includes(DEL);
  }

  /** All of it. Made when it is asked for: what is refused by its bytes needs none. */
  get text(): string {
    this.whole ??= this.bytes.toString(this.isAscii ? 'latin1' : 'utf8');
    return this.whole;
  }

  /** Text between two places in the bytes. */
  slice(start: number, end: number): string {
    return this.isAscii ? this.text.slice(start, end) : this.bytes.toString('utf8', start, end);
  }
}

/** Bytes without a byte order mark. */
export const withoutMark = (bytes: Buffer): Buffer =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
