import { parseArgs } from 'node:util';

/** What `npm run bench` was asked for. */
export interface Options {
  /** Names of the cases to run; all without any. */
  readonly cases: readonly string[];
  readonly quick: boolean;
  readonly rounds: number;
  readonly peers: boolean;
  /** Folder for the results. */
  readonly out: string | undefined;
  /** Folder for profiles of every process. */
  readonly profile: string | undefined;
  readonly list: boolean;
  readonly help: boolean;
}

export const HELP = `npm run bench [-- options]

Runs the built services beside the least code that does the same hops, on a Redis and a Postgres of their own, in turns,
and tells for each process the CPU time an event. What matters are the ratios: wall time is the machine's.

  --case NAME    only this case; may be repeated (--list names them)
  --quick        a few cases, fewer events, one round: under two minutes
  --rounds N     how often each is measured (3)
  --peers        also one hop beside RabbitMQ and NATS JetStream, where rabbitmq-server and nats-server are installed, BullMQ,
                 moleculer-channels and Nest's Redis transport; installs their clients when first asked
  --out DIR      writes results.json, results.md and results.svg there
  --profile DIR  writes a CPU profile of every process there, for a flame graph (Chrome's DevTools, speedscope.app)
  --list         the cases
  --help         this text

Needs Linux (it reads /proc) and a redis-server on the PATH.
`;

/** Throws a TypeError of one sentence for an option that is not known or has a bad value. */
export const parseOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      peers: { type: 'boolean', default: false },
      out: { type: 'string' },
      profile: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) {
    throw new TypeError(`--rounds is "${values.rounds}"; it takes a whole number from 1 to 100`);
  }
  const { case: cases, quick, peers, out, profile, list, help } = values;
  return { cases, quick, rounds, peers, out, profile, list, help };
};
