import { ServedConfig, Text, Whole } from '@millrace/host';

const KEY = /^(?=.{1,256}$)[\w:.@/-]*(\{[\w:.@/-]+\})?[\w:.@/-]*$/;
const A_KEY = 'a key of letters, digits, ":", "_", ".", "@", "/" and "-", with at most one {hash tag}';

/** What the tutorial's routes read from the environment. Their keys are their own: the pipeline never touches them. */
export class IngestConfig extends ServedConfig {
  @Text(A_KEY, KEY)
  INGEST_STREAM_KEY: string = 'telemetry:events';

  @Text(A_KEY, KEY)
  INGEST_DEAD_LETTER_KEY: string = 'telemetry:events:dead-letter';

  @Text(A_KEY, KEY)
  INGEST_CONSUMER_GROUP: string = 'telemetry-workers';

  @Text(A_KEY, KEY)
  INGEST_METRICS_KEY: string = 'telemetry:metrics';

  /** Window of the rollup that each metric has. */
  @Whole(1, 86_400_000)
  INGEST_ROLLUP_BUCKET_MS: number = 60_000;
}
