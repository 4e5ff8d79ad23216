import type { StreamName } from '../../contract.js';
import { storedWhole } from '../../stored.js';
import { type Answer, answered, answeredOr, askAll, type Query } from '../connection/ask-all.js';
import type { Connection } from '../connection/connection.js';
import type { Keys } from '../connection/keys.js';
import type { Functions } from '../functions/functions.js';
import { infoRecord, lagOf } from './backlog.js';
import { type FrameCounters, lengthInEvents, unsettledInEvents } from './frame-counters.js';

/** A consumer group of a stream, as Redis sees it. */
export interface GroupState {
  readonly name: string;
  /** Events that were not handed out yet; where Redis cannot tell, all that the stream holds. */
  readonly lag: number;
  /** Handed out and not settled. */
  readonly pending: number;
  readonly consumers: number;
  /** Id of the newest entry that was handed out. */
  readonly lastDeliveredId: string;
}

/** The state of a stream. */
export interface StreamState {
  /** Events. */
  readonly length: number;
  /** Entries, which are fewer where frames hold several events. */
  readonly entries: number;
  /** Events that were ever added to it. */
  readonly added: number;
  /** Ids of its oldest and newest entry; absent where it is empty. */
  readonly firstId?: string;
  readonly lastId?: string;
  readonly groups: readonly GroupState[];
}

/** What `inspect` asks by. */
export interface Inspector {
  readonly redis: Connection;
  readonly functions: Functions;
  readonly keys: Keys;
}

/** Looks at streams, all at once; the cost does not grow with their length. Rejects with `Unavailable`. */
export const inspect = async (
  { redis, functions, keys }: Inspector,
  streams: readonly StreamName[],
): Promise<StreamState[]> => {
  const partitions = [...new Set(streams.map(({ partition }) => partition))];
  const counts = partitions.map((partition): Query => ['HGETALL', keys.frames(partition)]);
  const groups = streams.map((stream): Query => ['XINFO', 'GROUPS', keys.stream(stream)]);
  const [answers, ends] = await Promise.all([
    askAll(redis, [...counts, ...groups]),
    Promise.all(streams.map((stream) => functions.call('ends', [keys.stream(stream)], []))),
  ]);
  const counters = new Map(partitions.map((partition, i) => [partition, countersIn(answered(answers[i]))]));
  return streams.map(({ name, partition }, i) => {
    const of = answers[partitions.length + i] as Answer;
    return streamState(name, ends[i] as Ends | null, of, counters.get(partition) as FrameCounters);
  });
};

/** There may be no such stream (yet), or no such group. */
export const isNothing = ({ message }: Error): boolean =>
  /no such key|NOGROUP|requires the key to exist/i.test(message);

/** Of a stream: its length, how many entries were ever added, its first and its last id. */
type Ends = readonly [length: number, added: number, firstId: string, lastId: string];

const streamState = (name: string, ends: Ends | null, groups: Answer, counters: FrameCounters): StreamState => {
  const [entries, added, firstId, lastId] = ends ?? [0, 0, '', ''];
  return {
    length: lengthInEvents(counters, name, entries),
    entries,
    added: added + (storedWhole(counters[`added ${name}`]) ?? 0),
    ...(firstId === '' ? {} : { firstId }),
    ...(lastId === '' ? {} : { lastId }),
    groups: groupsOf(groups).map((group) => {
      const unsettled = {
        lag: lagOf(group, entries, lastId === '' ? undefined : lastId),
        pending: Number(group.pending),
      };
      return {
        name: String(group.name),
        ...unsettledInEvents(counters, name, String(group.name), unsettled),
        consumers: Number(group.consumers),
        lastDeliveredId: String(group['last-delivered-id']),
      };
    }),
  };
};

/** RESP3 gives a record, RESP2 a list. */
const countersIn = (answer: unknown): FrameCounters =>
  (Array.isArray(answer) ? infoRecord(answer) : answer) as FrameCounters;

/** Where there is no stream there are none. Throws `Unavailable`: groups that cannot be asked are not groups that are done. */
const groupsOf = (answer: Answer): Readonly<Record<string, unknown>>[] =>
  (answeredOr(answer, []) as unknown[]).map(infoRecord);
