import type { Snapshot as SentSnapshot, Sink, Stream, Summary } from '@millrace/admin-api';
import type { GroupOn, PartitionCounts } from '@millrace/operations';
import { againStream, deadStream, isReadBy, type StreamName } from '@millrace/streams';
import type { GroupRegistration, Memory, Pause, StreamState } from '@millrace/streams/redis';
import { least, sinkView, streamView, sum } from './views.js';

export type Snapshot = Pick<SentSnapshot, 'summary' | 'inbox' | 'topics' | 'sinks'>;

/** A stream in one partition, and what Redis says of it. */
export interface SeenStream {
  readonly stream: StreamName;
  readonly state: StreamState;
  /** Not asked for streams that are no topics; null where Redis does not tell. */
  readonly bytes: number | null;
}

/** A registered group, and what is not told by its streams. */
export interface ObservedGroup {
  readonly registration: GroupRegistration;
  readonly parked: number;
  /** Unix milliseconds of the oldest of those that are due next; null where there is none. */
  readonly parkedSince: number | null;
  readonly pause: Pause | undefined;
  readonly oldest: readonly (number | undefined)[];
}

/** What Redis says of the whole pipeline. */
export interface Facts {
  /** Streams that are shown, by name and title: the inbox first, then the topics. */
  readonly shown: readonly (readonly [stream: string, title: string])[];
  readonly streams: readonly SeenStream[];
  readonly groups: readonly ObservedGroup[];
  readonly counts: readonly PartitionCounts[];
  readonly memory: Memory | undefined;
}

/** Streams of a group that are no topics: its dead letters, what it reads again, and that of a webhook endpoint. */
export const ownStreams = ({ group, streams }: GroupRegistration): string[] => [
  deadStream(group),
  againStream(group),
  ...streams.filter((name) => name.startsWith('hook:')),
];

/** The group on every stream that it reads. Where it is not there it has read nothing: it is made at the beginning. */
export const groupOn = (
  { group, streams }: GroupRegistration,
  all: readonly Pick<SeenStream, 'stream' | 'state'>[],
): GroupOn[] =>
  all
    .filter(({ stream: { name } }) => name === againStream(group) || isReadBy(name, streams))
    .map(({ stream, state }) => ({
      stream,
      group: state.groups.find(({ name }) => name === group) ?? {
        name: group,
        lag: state.length,
        pending: 0,
        consumers: 0,
        lastDeliveredId: '0-0',
      },
    }));

/** The facts as they are shown. Pure. */
export const snapshotOf = (facts: Facts, at: number): Snapshot => {
  const named = (name: string) => facts.streams.filter(({ stream }) => stream.name === name);
  const [inbox, ...topics] = facts.shown.map(([stream, title]) =>
    streamView(
      title,
      named(stream).map(({ state }) => state),
      named(stream).map(({ bytes }) => bytes),
    ),
  ) as [Stream, ...Stream[]];
  const sinks = facts.groups.map(({ registration, parkedSince, oldest, ...seen }) =>
    sinkView({
      registration,
      ...seen,
      oldest: [...oldest, parkedSince],
      on: groupOn(registration, facts.streams).map(({ group }) => group),
      deadLetters: sum(named(deadStream(registration.group)), ({ state }) => state.length),
    }),
  );
  return { inbox, topics, sinks, summary: summaryOf(facts, at, inbox, topics, sinks) };
};

const summaryOf = (
  { counts, memory }: Facts,
  at: number,
  inbox: Stream,
  topics: readonly Stream[],
  sinks: readonly Sink[],
): Summary => ({
  at,
  inbox: inbox.length,
  accepted: inbox.added,
  topics: topics.length,
  events: sum(topics, ({ length }) => length),
  topicsBytes: topics.some(({ bytes }) => bytes === null) ? null : sum(topics, ({ bytes }) => bytes ?? 0),
  lag: sum(sinks, ({ lag }) => lag),
  pending: sum(sinks, ({ pending }) => pending),
  parked: sum(sinks, ({ parked }) => parked),
  deadLetters: sum(sinks, ({ deadLetters }) => deadLetters),
  oldestWaitingAt: least(sinks.map(({ oldestWaitingAt }) => oldestWaitingAt)),
  duplicates: sum(counts, ({ duplicates }) => duplicates),
  retries: sum(counts, ({ parked }) => parked),
  memory: memory ?? null,
});
