import { Duration, Items, Secret, Text, TopicsConfig, Url, Whole } from '@millrace/host';
import { isNetwork } from './http/address-guard.js';

const SECOND = 1000;

const Networks = (): PropertyDecorator =>
  Items('networks separated by commas, such as 10.0.0.0/8, fd00::/8', (text) => (isNetwork(text) ? text : undefined));

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
  @Secret('whsec_ followed by the base64 of 24 to 64 bytes')
  WEBHOOK_SECRET?: string;

  /** Most requests in flight to one endpoint. */
  @Whole(1, 1000)
  CONCURRENCY: number = 16;

  /** How long an endpoint may take to answer that has no time-out of its own. */
  @Duration()
  REQUEST_TIMEOUT: number = 10 * SECOND;

  /** Networks that requests may go to although they are private, loopback or reserved, as 10.0.0.0/8. */
  @Networks()
  ALLOW_NETWORKS: readonly string[] = [];

  /** Failed attempts in a row after which an endpoint is left alone for ten seconds, and then for twice as long. */
  @Whole(1, 100_000)
  BREAKER_AFTER: number = 10;

  /** How long an endpoint may fail before it is disabled; `0s`: for ever. */
  @Duration()
  ENDPOINT_OFF_AFTER: number = 5 * 86_400 * SECOND;

  /** Most events that wait for an endpoint that takes nothing, in each partition; 0: no bound. */
  @Whole(0, 1_000_000_000_000)
  ENDPOINT_QUEUE_MAX_LENGTH: number = 100_000;

  /** Most bytes of Redis that they take, of all partitions together; 0: no bound. */
  @Whole(0, 1_000_000_000_000)
  ENDPOINT_QUEUE_MAX_BYTES: number = 64 * 1024 * 1024;

  /** Greatest age of one of them; `0s`: no bound. */
  @Duration()
  ENDPOINT_QUEUE_MAX_AGE: number = 7 * 86_400 * SECOND;

  /** As Standard Webhooks recommends: the last attempt comes three days after the first. */
  override MAX_ATTEMPTS: number = 10;

  override RETRY_SCHEDULE: readonly number[] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map(
    (seconds) => seconds * SECOND,
  );

  override RETRY_MAX_AGE: number = 7 * 86_400 * SECOND;
}
