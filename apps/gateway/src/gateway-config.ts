import { parseRateLimit, type RateLimit } from '@millrace/api-keys';
import { Duration, Name, OneOf, Parsed, Text, Whole } from '@millrace/host';
import type { Durability } from '@millrace/streams/redis';
import { IngestConfig } from './ingest/ingest-config.js';

/** What the gateway reads from its environment. */
export class GatewayConfig extends IngestConfig {
  @Whole(0, 65_535)
  override PORT: number = 8080;

  /** Largest body of a request, in bytes; an NDJSON stream has no limit as a whole. */
  @Whole(1024, 1_073_741_824)
  BODY_MAX_BYTES: number = 5_242_880;

  /** Most bytes of bodies in flight at once, of which one API key may have half; beyond it a request gets a 503. */
  @Whole(1024, 68_719_476_736)
  BODIES_MAX_BYTES: number = 67_108_864;

  /** Largest single event, in bytes. */
  @Whole(1024, 67_108_864)
  EVENT_MAX_BYTES: number = 1_048_576;

  /** Most events in one request that is not an NDJSON stream. */
  @Whole(1, 1_000_000)
  BATCH_MAX_EVENTS: number = 10_000;

  /** Source of plain JSON events that name none. */
  @Text('a string of at most 1024 characters', /^[\s\S]{1,1024}$/)
  DEFAULT_SOURCE: string = '/millrace/gateway';

  /** How long a repeated event is recognised; `0s`: not at all. */
  @Duration()
  DEDUP_WINDOW: number = 86_400_000;

  /** Most events that are remembered for it, in each partition; about 110 bytes of Redis each. */
  @Whole(2000, 1_000_000_000)
  DEDUP_MAX_ENTRIES: number = 1_000_000;

  /** A YAML file of JSON Schemas by event type, read again when it changes. */
  @Text('the path of a YAML file')
  SCHEMAS_FILE?: string;

  /** What an accepted event survives; `always`: it is on the disk before the answer. */
  @OneOf('memory', 'everysec', 'always')
  DURABILITY: 'memory' | 'everysec' | 'always' = 'everysec';

  /** How many replicas of Redis have an event before it is accepted. */
  @Whole(0, 10)
  DURABILITY_REPLICAS: number = 0;

  /** How long a request waits for that before it gets a 503. */
  @Duration()
  DURABILITY_TIMEOUT: number = 5000;

  /** Events that the router may be behind before the gateway answers 429. */
  @Whole(1, 1_000_000_000)
  BACKPRESSURE_MAX_LAG: number = 100_000;

  /** Events that each API key may publish that has no limit of its own. */
  @Parsed('a limit like 1000/s, 100000/m or 5000000/h', parseRateLimit)
  RATE_LIMIT?: RateLimit;

  /** The router's consumer group. */
  @Name()
  ROUTER_GROUP: string = 'router';
}

/** What the configuration asks of Redis before an event is accepted. */
export const durabilityOf = (config: GatewayConfig): Durability => ({
  level: config.DURABILITY,
  replicas: config.DURABILITY_REPLICAS,
  timeoutMs: config.DURABILITY_TIMEOUT,
});
