import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { CliIo, Writer } from './cli-io.js';
import { EXIT } from './errors.js';
import { clean } from './output/text.js';

type Stream = NodeJS.WriteStream;

/** Undefined where it is missing or empty. `host` does the same, but brings the whole of what a service runs in along. */
const readVariable = (name: string): string | undefined => process.env[name] || undefined;

const FALLBACK = { columns: 80, rows: 24 } as const;

const writerOf = (stream: Stream): Writer => ({
  write: (text) => void stream.write(text),
  isTerminal: stream.isTTY === true,
  isColoured: stream.isTTY === true && readVariable('NO_COLOR') === undefined && readVariable('TERM') !== 'dumb',
  size: () => ({ columns: stream.columns || FALLBACK.columns, rows: stream.rows || FALLBACK.rows }),
});

/** Whoever reads us may stop, as `head` does: that is no error, and there is nobody left to write to. */
const endWithReader = (stream: Stream): void => {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed);
  });
};

const ask = async (question: string, { isHidden }: { isHidden: boolean } = { isHidden: false }): Promise<string> => {
  // What is typed is shown by whoever reads it; nothing reads it to here.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({
    input: process.stdin,
    output: isHidden ? nowhere : process.stderr,
    terminal: isHidden,
  });
  process.stderr.write(clean(question)); // Not before: a terminal shows what is typed until somebody reads from it.
  reader.once('SIGINT', () => {
    reader.close(); // It has the terminal in a mode of its own, which is not to outlive us.
    process.kill(process.pid, 'SIGINT');
  });
  try {
    const lines = reader[Symbol.asyncIterator]();
    const { value } = await lines.next();
    return value ?? '';
  } finally {
    reader.close();
    if (isHidden) process.stderr.write('\n');
  }
};

const onInterrupt = (listener: () => void): (() => void) => {
  process.once('SIGINT', listener).once('SIGTERM', listener);
  return () => void process.off('SIGINT', listener).off('SIGTERM', listener);
};

/** This process and the terminal it runs in. */
export const processIo = (): CliIo => {
  endWithReader(process.stdout);
  endWithReader(process.stderr);
  return {
    output: writerOf(process.stdout),
    errors: writerOf(process.stderr),
    variable: readVariable,
    input: () => process.stdin,
    ask: process.stdin.isTTY === true && process.stderr.isTTY === true ? ask : undefined,
    onInterrupt,
  };
};
