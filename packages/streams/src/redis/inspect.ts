import type { StreamName } from '../contract.js';
import { type Answer, answered, askAll, type Query } from './ask-all.js';
import { infoRecord, lagOf } from './backlog.js';
import type { Connection } from './connection.js';
import { type FrameCounters, lengthInEvents, unsettledInEvents } from './frame-counters.js';
import type { Keys } from './keys.js';

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

/** How a stream fares. */
export interface StreamState {
  /** Events. */
  readonly length: number;
  /** Events that were ever added to it. */
  readonly added: number;
  /** Ids of its oldest and newest entry; absent where it is empty. */
  readonly firstId?: string;
  readonly lastId?: string;
  readonly groups: readonly GroupState[];
}

/** Looks at streams in one round trip; the cost does not grow with their length. Rejects with `Unavailable`. */
export const inspect = async (
  redis: Connection,
  keys: Keys,
  streams: readonly StreamName[],
): Promise<StreamState[]> => {
  const partitions = [...new Set(streams.map(({ partition }) => partition))];
  const counts = partitions.map((partition): Query => ['HGETALL', keys.frames(partition)]);
  const looks = streams
    .map((stream) => keys.stream(stream))
    .flatMap((key): Query[] => [
      ['XINFO', 'STREAM', key],
      ['XINFO', 'GROUPS', key],
    ]);
  const answers = await askAll(redis, [...counts, ...looks]);
  const counters = new Map(partitions.map((partition, i) => [partition, countersIn(answered(answers[i]))]));
  return streams.map(({ name, partition }, i) => {
    const [stream, groups] = answers.slice(partitions.length + 2 * i) as [Answer, Answer];
    return stateOf(name, stream, groups, counters.get(partition) as FrameCounters);
  });
};

/** There may be no such stream (yet), or no such group. */
export const isNothing = ({ message }: Error): boolean =>
  /no such key|NOGROUP|requires the key to exist/i.test(message);

const stateOf = (name: string, stream: Answer, groups: Answer, counters: FrameCounters): StreamState => {
  const info = stream[0] !== null && isNothing(stream[0]) ? {} : infoRecord(answered(stream));
  const entries = Number(info.length ?? 0);
  const [firstId, lastId] = [idOf(info['first-entry']), idOf(info['last-entry'])];
  return {
    length: lengthInEvents(counters, name, entries),
    added: Number(info['entries-added'] ?? entries) + Number(counters[`added ${name}`] ?? 0),
    ...(firstId === undefined ? {} : { firstId }),
    ...(lastId === undefined ? {} : { lastId }),
    groups: groupsOf(groups).map((group) => {
      const unsettled = { lag: lagOf(group, entries, lastId), pending: Number(group.pending) };
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

const groupsOf = ([error, answer]: Answer): Readonly<Record<string, unknown>>[] =>
  error === null ? (answer as unknown[]).map(infoRecord) : [];

const idOf = (entry: unknown): string | undefined => (entry as [string] | null | undefined)?.[0];
