/** Exit codes, for scripts. */
export const EXIT = {
  done: 0,
  /** What was asked for is not so: a file is not valid, the API refused, an event was rejected. */
  failed: 1,
  /** The command line is not right: an option, a file that is not there, a profile. */
  usage: 2,
  /** The console does not answer, or its Redis is away. */
  unavailable: 3,
  /** Ended by Ctrl-C before it was done. */
  interrupted: 130,
} as const;

/** The command line cannot be used as it is: an option, a file, a profile. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was asked for is not so, or was not done. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** Ended by Ctrl-C; the message says where it stands. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
