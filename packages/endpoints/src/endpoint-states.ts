import { asUnavailable, type RedisTransport } from '@millrace/streams/redis';

/** How an endpoint fares, as the processes that deliver to it say. */
export interface EndpointState {
  /** Switched off by the sink: it answered 410, or failed for too long. */
  readonly offAt?: number;
  readonly offReason?: string;
  /** Unix milliseconds of the first failure since something was delivered last. */
  readonly failingSince?: number;
  /** The last failure, in a sentence. */
  readonly failure?: string;
  /** Until when nothing is sent, because it failed again and again. */
  readonly openUntil?: number;
}

type Redis = ReturnType<RedisTransport['connect']>;

/** States by endpoint, in a hash. Everything rejects with `Unavailable` where Redis is away. */
export class EndpointStates {
  private readonly redis: Redis;
  private readonly key: string;

  constructor(transport: RedisTransport) {
    this.redis = transport.connect('endpoint states');
    this.key = transport.keys.control('endpoints:state');
  }

  async all(): Promise<ReadonlyMap<string, EndpointState>> {
    const stored = await this.redis.hgetall(this.key).catch(unavailable);
    return new Map(Object.entries(stored).map(([name, json]) => [name, JSON.parse(json) as EndpointState]));
  }

  async of(endpoint: string): Promise<EndpointState> {
    const json = await this.redis.hget(this.key, endpoint).catch(unavailable);
    return json === null ? {} : (JSON.parse(json) as EndpointState);
  }

  async set(endpoint: string, state: EndpointState): Promise<void> {
    if (Object.keys(state).length === 0) await this.redis.hdel(this.key, endpoint).catch(unavailable);
    else await this.redis.hset(this.key, endpoint, JSON.stringify(state)).catch(unavailable);
  }
}

const unavailable = (error: unknown): never => {
  throw asUnavailable(error);
};
