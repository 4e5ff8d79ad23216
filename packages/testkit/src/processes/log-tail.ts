import type { Readable } from 'node:stream';

const MOST_LINES = 100;

/** The last lines of what a server writes, for error messages. */
export class LogTail {
  private readonly kept: string[] = [];

  /** `onLine` is called with every line as it comes. */
  constructor(private readonly onLine: (line: string) => void = () => undefined) {}

  /** Reads the stream to its end without keeping the process alive. */
  follow(stream: Readable): void {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(-10_000);
      for (const line of lines) this.add(line);
    });
    stream.on('end', () => this.add(rest));
    (stream as Readable & { unref?: () => void }).unref?.();
  }

  add(line: string): void {
    const text = line.trimEnd();
    if (!text) return;
    this.onLine(text);
    this.kept.push(text);
    if (this.kept.length > MOST_LINES) this.kept.shift();
  }

  lines(): readonly string[] {
    return this.kept;
  }
}
