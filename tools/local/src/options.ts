import { parseArgs } from 'node:util';

/** What `npm start` was asked for. */
export interface Options {
  /** Leave after the table. */
  readonly exit: boolean;
  /** Also write the table as JSON to this file. */
  readonly json: string | undefined;
  readonly feed: boolean;
  /** Take ports that are free instead of the usual ones. */
  readonly freePorts: boolean;
  readonly help: boolean;
}

export const HELP = `npm start [-- options]

Runs the whole pipeline on this machine and feeds it real events.

  --exit         leave after the table, with 0 only if everything adds up
  --json FILE    also write the table as JSON
  --no-feed      start without the feed
  --free-ports   take free ports instead of 8080 to 8084 and 8090
  --help         this text

REDIS_URL and DATABASE_URL say which Redis and Postgres to use. Without REDIS_URL: a redis-server or valkey-server on
the PATH, else one written in JavaScript, in memory. Without DATABASE_URL: a Postgres of its own. What it starts by
itself it stops, and removes its data.
`;

/** Throws a TypeError of one sentence for an option that is not known. */
export const parseOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      exit: { type: 'boolean', default: false },
      json: { type: 'string' },
      'no-feed': { type: 'boolean', default: false },
      'free-ports': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    exit: values.exit,
    json: values.json,
    feed: !values['no-feed'],
    freePorts: values['free-ports'],
    help: values.help,
  };
};
