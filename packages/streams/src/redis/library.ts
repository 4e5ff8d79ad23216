import { createHash } from 'node:crypto';
import { APPEND } from './functions/append.js';
import { BOUND } from './functions/bound.js';
import { CHANGE } from './functions/change.js';
import { CLAIM } from './functions/claim.js';
import { DENIED } from './functions/denied.js';
import { DUE } from './functions/due.js';
import { FRAMES } from './functions/frames.js';
import { HOLD } from './functions/hold.js';
import { KEEP } from './functions/keep.js';
import { LEASE } from './functions/lease.js';
import { LOCK } from './functions/lock.js';
import { NUMBERS } from './functions/numbers.js';
import { PAGE } from './functions/page.js';
import { PARTITIONS } from './functions/partitions.js';
import { RECORD } from './functions/record.js';
import { REDRIVE } from './functions/redrive.js';
import { REPLAY } from './functions/replay.js';
import { RETIRE } from './functions/retire.js';
import { SETTLE } from './functions/settle.js';
import { TAKE } from './functions/take.js';
import { TAKE_APART } from './functions/take-apart.js';
import { TRIM } from './functions/trim.js';

/**
 * Functions of the library and whether they may run when Redis is full: what empties it may, what fills it may not. Those
 * that only read are for who may only read, too.
 */
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
  redrive: { whenFull: true },
  shorten: { whenFull: true },
  give_up: { whenFull: true },
  redrive_step: { whenFull: true },
  lock: { whenFull: true },
  unlock: { whenFull: true },
  lease: { whenFull: true },
  yield: { whenFull: true },
  strangers: { whenFull: true },
  adopt: { whenFull: true },
  mark: { whenFull: true },
  retire: { whenFull: true },
  take_apart: { whenFull: true },
  change: { whenFull: false },
  record: { whenFull: false },
  replay: { whenFull: false },
  swap: { whenFull: true },
  take: { whenFull: true },
  number: { whenFull: true },
  raise: { whenFull: true },
  raised: { whenFull: true },
  gate: { whenFull: true },
  join: { whenFull: true },
  put: { whenFull: true },
  enlist: { whenFull: true },
  log: { whenFull: true },
  publish: { whenFull: true },
  page: { whenFull: true, reads: true },
  first_id: { whenFull: true, reads: true },
  ends: { whenFull: true, reads: true },
  denied: { whenFull: true, reads: true },
} as const;

export type FunctionName = keyof typeof FUNCTIONS;

export const FUNCTION_NAMES = Object.keys(FUNCTIONS) as readonly FunctionName[];

const BODY = [
  NUMBERS,
  FRAMES,
  SETTLE,
  APPEND,
  HOLD,
  CLAIM,
  DUE,
  TRIM,
  BOUND,
  REDRIVE,
  LEASE,
  RETIRE,
  TAKE_APART,
  CHANGE,
  RECORD,
  REPLAY,
  LOCK,
  TAKE,
  PARTITIONS,
  KEEP,
  PAGE,
  DENIED,
].join('');
const HASH = createHash('sha256').update(BODY).update(JSON.stringify(FUNCTIONS)).digest('hex').slice(0, 12);

/** Named by its content, so that two versions of Millrace run side by side on one Redis. */
export const LIBRARY_NAME = `millrace_${HASH}`;

/** The name a function has in Redis. */
export const functionName = (name: FunctionName): string => `${LIBRARY_NAME}_${name}`;

/** Whether a function writes nothing: who may only read its keys may call it. */
export const onlyReads = (name: FunctionName): boolean => 'reads' in FUNCTIONS[name];

// The callback is written as a literal of one line: js-redis-server takes no other form.
const registration = (name: FunctionName): string =>
  `redis.register_function{function_name='${functionName(name)}', ` +
  `callback=function(keys, args) return ${name}(keys, args) end, ` +
  `flags={${onlyReads(name) ? "'no-writes'" : FUNCTIONS[name].whenFull ? "'allow-oom'" : ''}}}`;

/** Source of the library, for FUNCTION LOAD. */
export const LIBRARY = `#!lua name=${LIBRARY_NAME}\n${BODY}\n${FUNCTION_NAMES.map(registration).join('\n')}\n`;

/** Functions as one script, whose last argument says which. */
const scriptOf = (names: readonly FunctionName[], shebang: string): string => `#!lua${shebang}\n${BODY}
local name = ARGV[#ARGV]
ARGV[#ARGV] = nil
return ({ ${names.map((name) => `${name} = ${name}`).join(', ')} })[name](KEYS, ARGV)
`;

/** A script, and by which name Redis knows it once it was sent. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

const withSha = (text: string): Script => ({ text, sha: createHash('sha1').update(text).digest('hex') });

const NAMES_WHEN_FULL = FUNCTION_NAMES.filter((name) => FUNCTIONS[name].whenFull);

/** Whether a function may run when Redis is full. */
export const runsWhenFull = (name: FunctionName): boolean => FUNCTIONS[name].whenFull;

/**
 * The functions that may run when Redis is full as one script: a full Redis loads no library, but runs a script that says it
 * may.
 */
const SCRIPT_WHEN_FULL = withSha(scriptOf(NAMES_WHEN_FULL, ' flags=allow-oom'));

/** The others, which a full Redis refuses. */
const SCRIPT_OF_OTHERS = withSha(
  scriptOf(
    FUNCTION_NAMES.filter((name) => !FUNCTIONS[name].whenFull),
    '',
  ),
);

/** The script that holds a function: for where the library cannot be loaded. */
export const scriptFor = (name: FunctionName): Script => (runsWhenFull(name) ? SCRIPT_WHEN_FULL : SCRIPT_OF_OTHERS);
