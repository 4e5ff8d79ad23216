import type { ChainableCommander, Command } from 'ioredis';
import { Unavailable } from '../../errors.js';

const UNAVAILABLE_REPLY =
  /^(OOM|LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|NOREPLICAS|MISCONF|BUSY|UNBLOCKED|NOGOODSLAVE)\b/;
/** What the user may not, or the server does not have, is so until somebody puts it right: no fault of what was asked for. */
const TAKEN_AWAY_REPLY = /^(NOPERM|ERR (unknown command|ACL failure|The user executing the script can't run))/;
/** Somebody takes the library away as often as it is loaded, ended a Function, or changed the password: no fault of what was asked for. */
const DISTURBED_REPLY =
  /^(NOAUTH|WRONGPASS|UNKILLABLE|ERR (Function not found|max number of clients|.*script killed))/i;
const UNAVAILABLE_CODE = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)/;
const UNAVAILABLE_CLIENT = new RegExp(
  [
    "Connection is closed|Stream isn't writeable|max retries per request|Command timed out|aborted due to connection",
    'Too many Cluster redirections|startup nodes is available|Failed to refresh slots cache|Cluster is (ended|dis)',
  ].join('|'),
  'i',
);

/** The error as `Unavailable` where Redis is away, starting, full, a replica or forbids it; any other error as it is. */
export const asUnavailable = (error: unknown): Error => {
  if (error instanceof Unavailable) return error;
  if (!(error instanceof Error)) return new Error(String(error));
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const away =
    UNAVAILABLE_REPLY.test(error.message) ||
    TAKEN_AWAY_REPLY.test(error.message) ||
    DISTURBED_REPLY.test(error.message) ||
    UNAVAILABLE_CODE.test(code) ||
    UNAVAILABLE_CLIENT.test(error.message);
  return away ? new Unavailable(`Redis: ${error.message}`, { cause: error }) : error;
};

/** Rejects with that. */
export const throwUnavailable = (error: unknown): never => {
  throw asUnavailable(error);
};

const told = new WeakSet<Command>();

/** From now on the command is rejected with that. ioredis sends some commands several times: what it sees itself stays as it is. */
export const tellUnavailable = (command: Command): void => {
  if (told.has(command)) return;
  told.add(command);
  const { reject } = command;
  command.reject = (error) => reject(asUnavailable(error));
};

type Chain = ChainableCommander;

/** The same of a pipeline or transaction: `exec` rejects with that, and the errors among its answers are that. */
export const tellUnavailableOf = <T extends Chain>(chain: T): T => {
  const exec = chain.exec.bind(chain);
  chain.exec = (...args) => {
    const answers = exec(...args).then(
      (all) => all?.map(([error, answer]): [Error | null, unknown] => [error && asUnavailable(error), answer]) ?? null,
      throwUnavailable,
    );
    // ioredis calls it again by itself, and does not look at what this gives.
    answers.catch(() => undefined);
    return answers;
  };
  return chain;
};
