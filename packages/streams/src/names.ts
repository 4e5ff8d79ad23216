import type { StreamName } from './contract.js';

/** The stream that the gateway appends to and the router reads. */
export const INBOX = 'in';

/** The topic of events that no route matched. */
export const UNROUTED = 'unrouted';

/** Stream of a topic: `topic:orders`. */
export const topicStream = (topic: string): string => `topic:${topic}`;

/** Stream of deliveries to one webhook endpoint: `hook:billing`. */
export const hookStream = (endpoint: string): string => `hook:${endpoint}`;

/** Stream of a group's dead letters: `dead:router`. */
export const deadStream = (group: string): string => `dead:${group}`;

/** Stream that a group reads beside its topics: due retries, redrives and replays. */
export const againStream = (group: string): string => `again:${group}`;

/** The topic of a stream name, or undefined if it is no topic. */
export const topicOf = (stream: string): string | undefined =>
  stream.startsWith('topic:') ? stream.slice('topic:'.length) : undefined;

/** A name that topics, groups and endpoints may have: letters, digits, `.`, `_` and `-`, at most 128. */
export const isName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(text);

/** The same stream name in every partition. */
export const inEveryPartition = (name: string, partitions: number): StreamName[] =>
  Array.from({ length: partitions }, (_, partition) => ({ name, partition }));

/** Whether a group that reads `streams`, names or `topic:*`, reads this stream. */
export const isReadBy = (stream: string, streams: readonly string[]): boolean =>
  streams.includes(stream) || (topicOf(stream) !== undefined && streams.includes('topic:*'));
