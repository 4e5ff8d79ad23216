import { ConsumerConfig, Duration, Name, OneOf, Text, Whole } from '@millrace/host';

const DAY_MS = 86_400_000;

/** What the router reads from its environment. */
export class RouterConfig extends ConsumerConfig {
  @Whole(0, 65_535)
  override PORT: number = 8081;

  @Name()
  override GROUP: string = 'router';

  /** A YAML file of routes, read again when it changes. */
  @Text('the path of a YAML file')
  ROUTES_FILE?: string;

  /** How long one evaluation of a transform may take. */
  @Duration()
  TRANSFORM_TIMEOUT: number = 100;

  /** Heap of the process that evaluates transforms, in MiB. */
  @Whole(32, 65_536)
  TRANSFORM_MEMORY_MB: number = 128;

  /** Largest event that a transform may make, in bytes. */
  @Whole(1024, 67_108_864)
  EVENT_MAX_BYTES: number = 1_048_576;

  /** Most events of a topic, in each partition; 0: no bound. */
  @Whole(0, 1_000_000_000_000)
  RETENTION_MAX_LENGTH: number = 1_000_000;

  /** Greatest age of an entry of a topic; `0s`: no bound. */
  @Duration()
  RETENTION_MAX_AGE: number = 7 * DAY_MS;

  /** The same of what came in and was routed. */
  @Whole(0, 1_000_000_000_000)
  INBOX_MAX_LENGTH: number = 100_000;

  @Duration()
  INBOX_MAX_AGE: number = DAY_MS;

  /** Most dead letters of a group, in each partition; 0: no bound. The oldest go. */
  @Whole(0, 1_000_000_000_000)
  DEAD_LETTERS_MAX_LENGTH: number = 100_000;

  /** Most bytes of Redis that they take, of all partitions together; 0: no bound. */
  @Whole(0, 1_000_000_000_000)
  DEAD_LETTERS_MAX_BYTES: number = 128 * 1024 * 1024;

  /** Greatest age of one of them; `0s`: no bound. */
  @Duration()
  DEAD_LETTERS_MAX_AGE: number = 90 * DAY_MS;

  /** Most deliveries of a group that are scheduled for retry, in each partition; 0: no bound. The oldest become dead letters. */
  @Whole(0, 1_000_000_000_000)
  RETRY_QUEUE_MAX_LENGTH: number = 100_000;

  /** Most bytes of Redis that they take, of all partitions together; 0: no bound. */
  @Whole(0, 1_000_000_000_000)
  RETRY_QUEUE_MAX_BYTES: number = 128 * 1024 * 1024;

  /**
   * What goes where Redis is short of memory: `keep`: nothing; `read`: what every sink of a topic has settled, though it is
   * within the retention; `gone`: then also what only sinks have not read that were not seen for GONE_AFTER; `all`: then also
   * what was not read, each range on record.
   */
  @OneOf('keep', 'read', 'gone', 'all')
  RETENTION_WHEN_FULL: 'keep' | 'read' | 'gone' | 'all' = 'read';

  /** How long a group has had no heartbeat that counts as gone for RETENTION_WHEN_FULL; `0s`: none is. */
  @Duration()
  GONE_AFTER: number = DAY_MS;
}
