import { INBOX, inEveryPartition, type StreamName, topicStream } from '@millrace/streams';

/** The name of a topic's stream; `in` is the inbox. */
export const streamOf = (topic: string): string => (topic === INBOX ? INBOX : topicStream(topic));

/** The stream of a topic, or of the inbox, in every partition. */
export const partitionsOf = (topic: string, partitions: number): StreamName[] =>
  inEveryPartition(streamOf(topic), partitions);
