import { OneOf, ServedConfig, Text, Whole } from '@millrace/host';

const KEY = /^(?=.{1,256}$)[\w:.@/-]*(\{[\w:.@/-]+\})?[\w:.@/-]*$/;
const A_KEY = 'a key of letters, digits, ":", "_", ".", "@", "/" and "-", with at most one {hash tag}';

/**
 * What the measurements API reads from the environment. Its keys, behind `KEY_PREFIX`, are its own: the pipeline never
 * touches them.
 */
export class IngestConfig extends ServedConfig {
  /** Whether the measurements API is on. */
  @OneOf('on', 'off')
  INGEST_API: 'on' | 'off' = 'off';

  @Text(A_KEY, KEY)
  INGEST_STREAM_KEY: string = 'telemetry:events';

  @Text(A_KEY, KEY)
  INGEST_DEAD_LETTER_KEY: string = 'telemetry:events:dead-letter';

  @Text(A_KEY, KEY)
  INGEST_CONSUMER_GROUP: string = 'telemetry-workers';

  @Text(A_KEY, KEY)
  INGEST_METRICS_KEY: string = 'telemetry:metrics';

  /** Window of the rollup that each metric has. */
  /** Most measurements that wait for a worker; about as many entries, and dead letters, are kept. */
  @Whole(1, 1_000_000_000)
  INGEST_MAX_LENGTH: number = 100_000;

  @Whole(1, 86_400_000)
  INGEST_ROLLUP_BUCKET_MS: number = 60_000;
}
