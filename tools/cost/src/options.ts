import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

/** What `npm run cost` was asked for. */
export interface Options {
  /** How long a hostile client goes on after the table; 0: not at all. */
  readonly minutes: number;
  readonly seed: number;
  /** Megabytes that the heap of each service may have. */
  readonly heap: number;
  readonly help: boolean;
}

export const HELP = `npm run cost [-- options]

Sends gateway and console the costliest requests of each class (with a key that may publish, one that may read, and none), and
prints what each took of the process: CPU time, the longest pause of its event loop, memory at its peak, bytes of the answer. With
--minutes a client then sends them at random, several at once, and the services are to survive it.

  --minutes N   of the hostile client; default 0
  --seed N      repeats the requests of an earlier run; without it a new one
  --heap N      megabytes of heap that each service has; default 256, which is what the chart gives
  --help        this text

It needs Linux, for /proc, and a redis-server or valkey-server on the PATH.
`;

const number = (name: string, text: string, least: number, most: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most)) {
    throw new TypeError(`--${name} must be a number from ${least} to ${most}, got "${text}"`);
  }
  return value;
};

/** Throws a TypeError of one sentence for what is not taken. */
export const parseOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '0' },
      seed: { type: 'string' },
      heap: { type: 'string', default: '256' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    minutes: number('minutes', values.minutes, 0, 1440),
    seed: values.seed === undefined ? randomInt(1_000_000) : Math.floor(number('seed', values.seed, 0, 2 ** 32 - 1)),
    heap: number('heap', values.heap, 64, 65_536),
    help: values.help,
  };
};
