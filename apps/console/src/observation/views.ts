import type { Sink, Stream, StreamGroup } from '@millrace/admin-api';
import type { GroupRegistration, GroupState, Pause, StreamState } from '@millrace/streams/redis';

export const sum = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((total, one) => total + of(one), 0);

/** The time of an entry id, in Unix milliseconds. */
export const timeOfId = (id: string): number => Number(id.split('-')[0]);

/** The least of some numbers; null where there is none. */
export const least = (all: readonly (number | null | undefined)[]): number | null => {
  const known = all.filter((one) => typeof one === 'number');
  return known.length === 0 ? null : Math.min(...known);
};

const sumOrNull = (all: readonly (number | null)[]): number | null =>
  all.reduce((total, one) => (total === null || one === null ? null : total + one), 0);

/** Several partitions of one stream as one. */
export const streamView = (
  name: string,
  states: readonly StreamState[],
  bytes: readonly (number | null)[],
): Stream => ({
  name,
  length: sum(states, ({ length }) => length),
  added: sum(states, ({ added }) => added),
  bytes: sumOrNull(bytes),
  firstAt: least(states.map(({ firstId }) => firstId && timeOfId(firstId)).map((at) => at || null)),
  lastAt: states.reduce<number | null>(
    (last, { lastId }) => (lastId === undefined ? last : Math.max(last ?? 0, timeOfId(lastId))),
    null,
  ),
  groups: groupViews(states.flatMap(({ groups }) => groups)),
});

const groupViews = (all: readonly GroupState[]): StreamGroup[] =>
  [...new Set(all.map(({ name }) => name))].map((group) => {
    const states = all.filter(({ name }) => name === group);
    return { group, ...workOf(states), consumers: Math.max(...states.map(({ consumers }) => consumers)) };
  });

/** What groups have to do, together. */
export const workOf = (states: readonly GroupState[]): { lag: number; pending: number } => ({
  lag: sum(states, ({ lag }) => lag),
  pending: sum(states, ({ pending }) => pending),
});

/** What is known of a registered group. */
export interface SinkParts {
  readonly registration: GroupRegistration;
  /** The group on every stream that it reads. */
  readonly on: readonly GroupState[];
  readonly parked: number;
  readonly deadLetters: number;
  readonly oldest: readonly (number | null | undefined)[];
  readonly pause: Pause | undefined;
}

export const sinkView = ({ registration, on, parked, deadLetters, oldest, pause }: SinkParts): Sink => ({
  name: registration.group,
  hop: registration.hop,
  streams: registration.streams,
  ...workOf(on),
  parked,
  deadLetters,
  consumers: on.reduce((most, { consumers }) => Math.max(most, consumers), 0),
  oldestWaitingAt: least(oldest),
  seenAt: registration.seenAt,
  paused: pause ?? null,
});
