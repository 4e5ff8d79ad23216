import type { Trace, TraceAttempt, TraceRoute, TraceState, TraceTopic } from '@millrace/admin-api';
import { duration } from '../../ui/format.js';
import type { Tone } from '../../ui/tone.js';

/** A word, and how good it is. */
export type Word = readonly [string, Tone];

const STATES: Readonly<Record<TraceState, Word>> = {
  done: ['delivered', 'good'],
  waiting: ['waiting', 'plain'],
  'in-hand': ['in flight', 'accent'],
  parked: ['scheduled for retry', 'warn'],
  dead: ['dead-lettered', 'bad'],
  purged: ['dead-lettered, purged', 'bad'],
  paused: ['paused', 'warn'],
  unknown: ['unknown', 'plain'],
};

/** What became of an event at a hop; the router has it routed, others delivered. */
export const stateTag = (state: TraceState, done = 'delivered'): Word => {
  const [word, tone] = STATES[state];
  return [state === 'done' ? done : word, tone];
};

export const OUTCOMES: Readonly<Record<TraceAttempt['outcome'], Word>> = {
  done: ['succeeded', 'good'],
  retry: ['scheduled for retry', 'warn'],
  rejected: ['failed permanently', 'bad'],
};

export const verdictOf = ({ matched, undecided }: TraceRoute): string => {
  if (matched) return 'matched';
  return undecided === undefined ? 'did not match' : 'undecided';
};

/** Which routes are shown beside an event. */
export const decidedBy = ({ state, version, changedSince }: Trace['routing']): string => {
  if (state !== 'done') return 'Showing the live routes.';
  if (version === null) return 'The version of the routes that decided is unknown; showing the live routes.';
  return `Routed by version ${version} of the routes${changedSince ? '; they have changed since' : ''}.`;
};

/** Whether no route matches an event, so that it goes to `unrouted`; where none could be decided, nothing is known. */
export const isUnrouted = ({ routes }: Trace['routing']): boolean =>
  !routes.some(({ matched }) => matched) && routes.some(({ undecided }) => undecided === undefined);

/** Why an event is in no topic; undefined where it is in one. */
export const nowhere = ({ topics, routing }: Trace): string | undefined => {
  if (topics.length > 0) return undefined;
  return routing.state === 'done' ? 'No longer in any topic: trimmed.' : 'Not in any topic yet.';
};

/** What is said of a copy that was not found; undefined of one that was. */
export const missing = ({ at, isSure }: TraceTopic): string | undefined => {
  if (at !== null) return undefined;
  return isSure ? 'missing' : 'not found';
};

/** When a delivery is tried again that waits for a time. */
export const triedAgain = (parkedUntil: number, now: number): string =>
  parkedUntil > now ? `retry in ${duration(parkedUntil - now)}` : 'retry due now';
