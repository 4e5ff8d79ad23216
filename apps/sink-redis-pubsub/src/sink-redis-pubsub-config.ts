import { RedisUrl, Text, TopicsConfig, Whole } from '@millrace/host';

/** What the pub/sub sink reads from its environment. */
export class SinkRedisPubsubConfig extends TopicsConfig {
  @Whole(0, 65_535)
  override PORT: number = 8086;

  /** Redis to publish on, where it is not that of the streams. */
  @RedisUrl()
  PUBSUB_URL?: string;

  /** Channel of an event: `{topic}` and `{type}` stand for its own. */
  @Text('a string of 1 to 200 characters', /^.{1,200}$/)
  CHANNEL: string = 'millrace:{topic}';
}
