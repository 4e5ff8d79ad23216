import { FunctionLibrary } from './library.js';
import { APPEND } from './lua/append.js';
import { BASE } from './lua/base.js';
import { CLAIM } from './lua/claim.js';
import { DUE } from './lua/due.js';
import { FRAMES } from './lua/frames.js';
import { HOLD } from './lua/hold.js';
import { KEEP } from './lua/keep.js';
import { LEASE } from './lua/lease.js';
import { LOSSES } from './lua/losses.js';
import { NUMBERS } from './lua/numbers.js';
import { PAGE } from './lua/page.js';
import { PARKED } from './lua/parked.js';
import { PARTITIONS } from './lua/partitions.js';
import { RAISE_STATE } from './lua/raise-state.js';
import { RECORD } from './lua/record.js';
import { SETTLE } from './lua/settle.js';
import { TAKE } from './lua/take.js';
import { TAKE_APART } from './lua/take-apart.js';
import { TRIM } from './lua/trim.js';

const FUNCTIONS = {
  append: { whenFull: false },
  settle: { whenFull: true },
  claim: { whenFull: true },
  disown: { whenFull: true },
  renew: { whenFull: true },
  release: { whenFull: true },
  leave: { whenFull: true },
  due: { whenFull: true },
  trim: { whenFull: true },
  lease: { whenFull: true },
  yield: { whenFull: true },
  foreign_pending: { whenFull: true },
  claim_pending: { whenFull: true },
  mark: { whenFull: true },
  take_apart: { whenFull: true },
  record: { whenFull: false },
  take: { whenFull: true },
  number: { whenFull: true },
  gate: { whenFull: true },
  join: { whenFull: true },
  put: { whenFull: true },
  enlist: { whenFull: true },
  log: { whenFull: true },
  publish: { whenFull: true },
  page: { whenFull: true, reads: true },
  first_id: { whenFull: true, reads: true },
  ends: { whenFull: true, reads: true },
} as const;

export type FunctionName = keyof typeof FUNCTIONS;

/** The Functions of the transport. */
export const STREAMS_LIBRARY = new FunctionLibrary<FunctionName>(
  'millrace',
  [
    ...[NUMBERS, BASE, FRAMES, PARKED, LOSSES, RAISE_STATE],
    ...[SETTLE, APPEND, HOLD, CLAIM, DUE, TRIM, LEASE, TAKE_APART, RECORD, TAKE, PARTITIONS, KEEP, PAGE],
  ],
  FUNCTIONS,
);
