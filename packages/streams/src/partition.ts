import { crc32 } from 'node:zlib';

/**
 * The partition of a key, from 0 to `partitions - 1`: CRC-32 of its UTF-8 bytes, modulo. Stable for ever: changing it
 * would break the order of every key.
 */
export const partitionOf = (key: string, partitions: number): number =>
  partitions === 1 ? 0 : crc32(key) % partitions;
