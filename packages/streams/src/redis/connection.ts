import { Redis, type RedisOptions } from 'ioredis';
import { Unavailable } from '../errors.js';

/** How a connection behaves while Redis is away. */
export type Patience =
  /** Commands wait for as long as it takes: consumers, who have nothing else to do. */
  | 'patient'
  /** Commands fail within about a second: requests, whose clients can be told. */
  | 'impatient';

const UNAVAILABLE_REPLY =
  /^(OOM|LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|MISCONF|BUSY|UNBLOCKED|NOGOODSLAVE)\b/;
const UNAVAILABLE_CODE = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)/;
const UNAVAILABLE_CLIENT = /Connection is closed|Stream isn't writeable|max retries per request|Command timed out/i;

/** The error as `Unavailable` where Redis is away, starting, full or a replica; any other error as it is. */
export const asUnavailable = (error: unknown): Error => {
  if (!(error instanceof Error)) return new Error(String(error));
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const away =
    UNAVAILABLE_REPLY.test(error.message) || UNAVAILABLE_CODE.test(code) || UNAVAILABLE_CLIENT.test(error.message);
  return away ? new Unavailable(`Redis: ${error.message}`, { cause: error }) : error;
};

/** Whether the error says that the stream or its consumer group is gone. */
export const isNoGroup = (error: Error): boolean => /NOGROUP|key.* no longer exists/i.test(error.message);

const OPTIONS: Record<Patience, RedisOptions> = {
  // A connection that is silent for so long is dead, whatever the network says; reads block for less.
  patient: { maxRetriesPerRequest: null, socketTimeout: 15_000 },
  impatient: { maxRetriesPerRequest: 1, commandTimeout: 10_000 },
};

/** The options of a URL. Throws an error of one sentence if it is of no known form. */
export const parseRedisUrl = (url: string): RedisOptions => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['redis:', 'rediss:'].includes(parsed.protocol)) {
    throw new TypeError(`a Redis URL is redis://host:port or rediss://host:port, not "${withoutPassword(url)}"`);
  }
  const db = Number(parsed.pathname.slice(1) || '0');
  if (!Number.isInteger(db) || db < 0)
    throw new TypeError(`a Redis URL ends in a database number, not "${parsed.pathname}"`);
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: Number(parsed.port || '6379'),
    db,
    ...(parsed.username === '' ? {} : { username: decodeURIComponent(parsed.username) }),
    ...(parsed.password === '' ? {} : { password: decodeURIComponent(parsed.password) }),
    ...(parsed.protocol === 'rediss:' ? { tls: {} } : {}),
  };
};

/** The URL as it may be logged. */
export const withoutPassword = (url: string): string => url.replace(/\/\/([^/@:]*):[^/@]*@/, '//$1:***@');

/** Opens connections to one Redis and tells of their troubles. */
export class Connector {
  private readonly open = new Set<Redis>();

  constructor(
    private readonly url: string,
    private readonly onError: (error: Error) => void,
  ) {
    parseRedisUrl(url);
  }

  connect(patience: Patience, name: string, options: RedisOptions = {}): Redis {
    const redis = new Redis({
      ...parseRedisUrl(this.url),
      connectionName: `millrace:${name}`,
      retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 6), 2000),
      ...OPTIONS[patience],
      ...options,
    });
    redis.on('error', this.onError);
    redis.on('end', () => this.open.delete(redis));
    this.open.add(redis);
    return redis;
  }

  /** Drops every connection; commands under way are rejected. */
  close(): void {
    for (const redis of this.open) redis.disconnect();
  }
}
