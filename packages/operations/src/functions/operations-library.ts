import {
  BASE,
  FRAMES,
  FunctionLibrary,
  type Functions,
  LOSSES,
  NUMBERS,
  PARKED,
  RAISE_STATE,
} from '@millrace/streams/redis/internal';
import { BOUND } from './lua/bound.js';
import { JOBS } from './lua/jobs.js';
import { RAISE } from './lua/raise.js';
import { REDRIVE } from './lua/redrive.js';
import { REPLAY } from './lua/replay.js';
import { RETIRE } from './lua/retire.js';

const FUNCTIONS = {
  redrive: { whenFull: true },
  redrive_step: { whenFull: true },
  shorten: { whenFull: true },
  give_up: { whenFull: true },
  replay: { whenFull: false },
  swap: { whenFull: true },
  lock: { whenFull: true },
  unlock: { whenFull: true },
  retire: { whenFull: true },
  raise: { whenFull: true },
  raised: { whenFull: true },
} as const;

export type OperationName = keyof typeof FUNCTIONS;

export type OperationFunctions = Functions<OperationName>;

/** The Functions of operators: beside those of the transport, so that a change of one is no new version of the other. */
export const OPERATIONS_LIBRARY = new FunctionLibrary<OperationName>(
  'millrace_operations',
  [...[NUMBERS, BASE, FRAMES, PARKED, LOSSES, RAISE_STATE], ...[REDRIVE, BOUND, REPLAY, JOBS, RETIRE, RAISE]],
  FUNCTIONS,
);

/** The text of that library, for `loadFunctions` of the transport. */
export const OPERATIONS_FUNCTIONS: string = OPERATIONS_LIBRARY.source;
