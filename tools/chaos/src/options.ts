import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What `npm run chaos` was asked for. */
export interface Options {
  readonly minutes: number;
  readonly seed: number;
  /** On a Redis Cluster. */
  readonly cluster: boolean;
  /** The folder of another version, built, whose services run beside these. */
  readonly beside: string | undefined;
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
  --beside DIR   with a second process of every service, of another version that is built in this folder
  --json FILE    also write the findings as JSON
  --help         this text

It needs a redis-server or valkey-server on the PATH. It ends with 0 only if nothing was lost, duplicated or left behind.
`;

const number = (name: string, text: string, least: number, most: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most)) {
    throw new TypeError(`--${name} must be a number from ${least} to ${most}, got "${text}"`);
  }
  return value;
};

const built = (folder: string): string => {
  const at = resolve(folder);
  const missing = ['apps/gateway', 'tools/chaos'].find((part) => !existsSync(join(at, part, 'dist')));
  if (missing === undefined) return at;
  throw new TypeError(
    `--beside ${folder} has no ${missing}/dist; it must be a folder of this repository after npm run build`,
  );
};

/** Throws a TypeError of one sentence for what is not taken. */
export const parseOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '2' },
      seed: { type: 'string' },
      cluster: { type: 'boolean', default: false },
      beside: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    minutes: number('minutes', values.minutes, 0.1, 1440),
    seed: values.seed === undefined ? randomInt(1_000_000) : Math.floor(number('seed', values.seed, 0, 2 ** 32 - 1)),
    cluster: values.cluster,
    beside: values.beside === undefined ? undefined : built(values.beside),
    json: values.json,
    help: values.help,
  };
};
