import { hostname } from 'node:os';
import { TracingConfig } from '../tracing/tracing-config.js';
import { ApiKeyList, Duration, List, Name, OneOf, Percent, RedisUrl, Seconds, Text, Whole } from './variables.js';

/** What every process reads from its environment. */
export class BaseConfig extends TracingConfig {
  @RedisUrl()
  REDIS_URL: string = 'redis://127.0.0.1:6379';

  /** Put before every key in Redis. */
  @Text('at most 64 letters, digits, ":", "_", "." or "-"', /^[\w:.-]{1,64}$/)
  KEY_PREFIX: string = 'mr:';

  /** How many there are on a new installation; `millrace partitions raise` makes more of them. */
  @Whole(1, 1024)
  PARTITIONS: number = 1;

  /** Share of Redis's `maxmemory` that is kept for what was accepted: short of it, the gateway answers 429. */
  @Percent(90)
  MEMORY_RESERVE: number = 0.1;

  /** Most events of a stream entry: what one request or one settlement has for a stream is a frame; 1: an entry for each event. */
  @Whole(1, 500)
  FRAME_MAX_EVENTS: number = 100;

  @Whole(0, 65_535)
  PORT: number = 0;

  /** Address to listen on. */
  @Text('an address such as 127.0.0.1 or 0.0.0.0', /^[\w.:%-]+$/)
  HOST?: string;

  /** How long a request may take to come, from its first byte to its last; `0s`: unlimited. */
  @Duration()
  CLIENT_TIMEOUT: number = 600_000;

  /** Certificate that it answers with, a PEM file, read again when it changes; without it there is no TLS. */
  @Text('the path of a PEM file')
  TLS_CERT_FILE?: string;

  @Text('the path of a PEM file')
  TLS_KEY_FILE?: string;

  /** Authority of clients' certificates; with it each client has to show one. */
  @Text('the path of a PEM file')
  TLS_CLIENT_CA_FILE?: string;

  /** A second port, without TLS, for probes and metrics alone. */
  @Whole(1, 65_535)
  HEALTH_PORT?: number;

  /** Authority of Redis' certificate, where it is none that everybody knows. */
  @Text('the path of a PEM file')
  REDIS_CA_FILE?: string;

  /** Certificate that is shown to Redis. */
  @Text('the path of a PEM file')
  REDIS_CERT_FILE?: string;

  @Text('the path of a PEM file')
  REDIS_KEY_FILE?: string;

  @OneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent')
  LOG_LEVEL: string = 'info';

  @OneOf('json', 'pretty')
  LOG_FORMAT: string = 'json';

  /** How long a stop may take before what is in flight is given back. */
  @Duration()
  SHUTDOWN_TIMEOUT: number = 10_000;
}

/** What a process reads that answers people and programs, not only probes. */
export class ServedConfig extends BaseConfig {
  /** Keys that clients may use, each at least 16 characters, or their hashes; beside them those in Redis. */
  @ApiKeyList()
  API_KEYS?: readonly string[];

  /** `stored` asks for keys although none is in the environment; `off` lets it listen beyond loopback without any. */
  @OneOf('on', 'stored', 'off')
  AUTH: string = 'on';

  /** Host names with dots by which browsers call it while no key is asked for, and whose pages may send to it. */
  @List('host names', /^[\w.-]{1,253}$/)
  ALLOWED_HOSTS?: readonly string[];

  /** Whether a key is asked for. The environment alone decides: a store that is empty or away opens nothing. */
  get asksForKeys(): boolean {
    return this.AUTH === 'stored' || this.API_KEYS !== undefined;
  }
}

/** What every process reads that consumes streams. */
export class ConsumerConfig extends BaseConfig {
  /** Name of the consumer group. */
  @Name()
  GROUP: string = 'default';

  /** First part of the consumer's name, which goes on with the process id and its start. */
  @Name()
  CONSUMER_NAME: string = hostname();

  @Whole(1, 10_000)
  BATCH_MAX_SIZE: number = 500;

  /** How long a batch may wait to fill. */
  @Whole(0, 60_000)
  BATCH_MAX_WAIT_MS: number = 0;

  /** How long a delivery may stay unsettled and unrenewed before another consumer takes it. */
  @Whole(100, 86_400_000)
  CLAIM_AFTER_MS: number = 30_000;

  @Whole(1, 1000)
  MAX_ATTEMPTS: number = 5;

  /** Delays before each further attempt; the last one is repeated. */
  @Seconds()
  RETRY_SCHEDULE: readonly number[] = [1000, 5000, 30_000, 120_000];

  /** How long after its first failure a delivery is still tried, whatever attempts are left. */
  @Duration()
  RETRY_MAX_AGE: number = 86_400_000;
}

/** What a process reads that delivers topics. */
export class TopicsConfig extends ConsumerConfig {
  /** Topics to read; `*` follows the topics that routes name, and `unrouted`. */
  @List('topics, or *', /^(\*|[A-Za-z0-9][A-Za-z0-9._-]{0,127})$/)
  TOPICS: readonly string[] = ['*'];

  /** `fifo`: events of one partition key one after the other, through retries and failover. */
  @OneOf('none', 'fifo')
  ORDER: 'none' | 'fifo' = 'none';
}
