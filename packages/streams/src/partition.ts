import { crc32 } from 'node:zlib';

/**
 * The partition of a key, from 0 to `partitions - 1`: CRC-32 of its UTF-8 bytes, modulo. Stable for ever: changing it
 * would break the order of every key.
 */
export const partitionOf = (key: string, partitions: number): number =>
  partitions === 1 ? 0 : crc32(key) % partitions;

/** What orders an event and chooses its partition: `partitionkey`, else `subject`, else source and id. */
export const partitionKeyOf = (event: {
  readonly partitionkey?: unknown;
  readonly subject?: unknown;
  readonly source?: unknown;
  readonly id?: unknown;
}): string => String(event.partitionkey ?? event.subject ?? `${event.source}\n${event.id}`);

/** The partition key of a CloudEvent in JSON; of what is none, the text itself. */
export const keyOfEvent = (json: string): string => {
  try {
    return partitionKeyOf(JSON.parse(json) as object);
  } catch {
    return json; // Whoever decodes it will say what is wrong with it.
  }
};

/** How many partitions there are. The number may be raised while processes run; it never falls. */
export interface Partitioning {
  /** As far as this process knows. */
  readonly count: number;
  /**
   * Calls `listener` with the number as soon as it is known, which may be at once, and with every greater one. Gives a
   * function that ends it.
   */
  follow(listener: (count: number) => void): () => void;
}

/** A fixed number of them. */
export const fixedPartitions = (count: number): Partitioning => ({
  count,
  follow: (listener) => {
    listener(count);
    return () => undefined;
  },
});
