import { Duration, Secret, Text, TopicsConfig, Url, Whole } from '@millrace/host';

const SECOND = 1000;

/** What the webhook sink reads from its environment. */
export class SinkWebhookConfig extends TopicsConfig {
  @Whole(0, 65_535)
  override PORT: number = 8083;

  /** A YAML file of endpoints, read again when it changes. */
  @Text('the path of a YAML file')
  ENDPOINTS_FILE?: string;

  /** One endpoint named `default`, for all topics. */
  @Url('http', 'https')
  WEBHOOK_URL?: string;

  /** Its secret: `whsec_` and base64. */
  @Secret('whsec_ and the base64 of 24 to 64 bytes')
  WEBHOOK_SECRET?: string;

  /** Most requests under way to one endpoint. */
  @Whole(1, 1000)
  CONCURRENCY: number = 16;

  /** How long an endpoint may take to answer that has no time-out of its own. */
  @Duration()
  REQUEST_TIMEOUT: number = 10 * SECOND;

  /** As Standard Webhooks recommends: the last attempt comes three days after the first. */
  override MAX_ATTEMPTS: number = 10;

  override RETRY_SCHEDULE: readonly number[] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map(
    (seconds) => seconds * SECOND,
  );

  override RETRY_MAX_AGE: number = 7 * 86_400 * SECOND;
}
