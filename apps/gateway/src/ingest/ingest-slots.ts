import { ConfigError } from '@millrace/host';
import type { IngestConfig } from './ingest-config.js';

/** What decides on a key's slot in a cluster: what stands between its first braces, else all of it. */
const tagOf = (key: string): string => /^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? key;

/** Throws a `ConfigError` where the stream of measurements and its dead letters would be in different slots of a cluster. */
export const checkSlots = (config: Pick<IngestConfig, 'INGEST_STREAM_KEY' | 'INGEST_DEAD_LETTER_KEY'>): void => {
  const { INGEST_STREAM_KEY: stream, INGEST_DEAD_LETTER_KEY: dead } = config;
  if (tagOf(stream) === tagOf(dead)) return;
  throw new ConfigError(
    `INGEST_DEAD_LETTER_KEY in a Redis Cluster must have the hash tag of INGEST_STREAM_KEY "${stream}", got "${dead}"; ` +
      'set both, as {telemetry}:events and {telemetry}:dead-letter',
  );
};
