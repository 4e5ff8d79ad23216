import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

/** What `npm run chaos` was asked for. */
export interface Options {
  readonly minutes: number;
  readonly seed: number;
  /** On a Redis Cluster. */
  readonly cluster: boolean;
  /** Also write the findings as JSON to this file. */
  readonly json: string | undefined;
  readonly help: boolean;
}

export const HELP = `npm run chaos [-- options]

Runs the whole pipeline on a Redis with an append-only file and a Postgres of its own, sends it numbered events, and
meanwhile kills, stops, pauses and cuts off its parts. Then it looks where every event is.

  --minutes N    how long faults go on; default 2
  --seed N       repeats the faults of an earlier run; without it a new one
  --cluster      on a Redis Cluster of three primaries and three replicas, of which primaries fail
  --json FILE    also write the findings as JSON
  --help         this text

It needs a redis-server or valkey-server on the PATH. It ends with 0 only if nothing was lost, duplicated or left behind.
`;

const number = (name: string, text: string, least: number, most: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most)) {
    throw new TypeError(`--${name} is "${text}"; it takes a number from ${least} to ${most}`);
  }
  return value;
};

/** Throws a TypeError of one sentence for what is not taken. */
export const parseOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '2' },
      seed: { type: 'string' },
      cluster: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    minutes: number('minutes', values.minutes, 0.1, 1440),
    seed: values.seed === undefined ? randomInt(1_000_000) : Math.floor(number('seed', values.seed, 0, 2 ** 32 - 1)),
    cluster: values.cluster,
    json: values.json,
    help: values.help,
  };
};
