import type { GroupRegistration, GroupState, Pause, StreamState } from '@millrace/streams/redis';

/** A group on a stream. */
export interface GroupView {
  readonly group: string;
  readonly lag: number;
  readonly pending: number;
  readonly consumers: number;
}

/** A stream, all its partitions together. */
export interface StreamView {
  /** `in`, or the topic's name. */
  readonly name: string;
  readonly length: number;
  /** Events that were ever added to it. */
  readonly added: number;
  /** As Redis estimates it; null where it does not tell. */
  readonly bytes: number | null;
  /** Times of the oldest and newest entry, in Unix milliseconds; null where it is empty. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  readonly groups: readonly GroupView[];
}

/** A registered group: the router, a sink, an endpoint of the webhook sink. */
export interface SinkView {
  readonly name: string;
  readonly hop: string;
  readonly streams: readonly string[];
  readonly lag: number;
  readonly pending: number;
  /** Waiting for their next attempt. */
  readonly parked: number;
  readonly deadLetters: number;
  readonly consumers: number;
  /** Time of the oldest event that it has not settled, in Unix milliseconds; null where it has settled all. */
  readonly oldestWaitingAt: number | null;
  /** Unix milliseconds at which it last said that it exists; it does so every ten seconds. */
  readonly seenAt: number;
  readonly paused: Pause | null;
}

/** Numbers of the whole pipeline. */
export interface Summary {
  readonly at: number;
  /** Events in the inbox, and ever taken in. */
  readonly inbox: number;
  readonly accepted: number;
  readonly topics: number;
  /** Events in topics, and the bytes of these. */
  readonly events: number;
  readonly topicsBytes: number | null;
  readonly lag: number;
  readonly pending: number;
  readonly parked: number;
  readonly deadLetters: number;
  /** Time of the oldest event that a group has not settled, in Unix milliseconds; null where all are settled. */
  readonly oldestWaitingAt: number | null;
  /** Since the keys were made: events that had come before and were refused, and deliveries that were parked. */
  readonly duplicates: number;
  readonly retries: number;
  readonly memory: { readonly used: number; readonly max: number } | null;
}

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
): StreamView => ({
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

const groupViews = (all: readonly GroupState[]): GroupView[] =>
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

export const sinkView = ({ registration, on, parked, deadLetters, oldest, pause }: SinkParts): SinkView => ({
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
