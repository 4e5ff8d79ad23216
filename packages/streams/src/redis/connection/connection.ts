import type { Cluster, Redis, RedisOptions } from 'ioredis';
import { parseRedisUrl, type RedisAddress, type RedisTls } from './address.js';
import { ClusterNodes } from './cluster-nodes.js';
import { followSlot, PatientSentinelConnector } from './connectors.js';
import { ImpatientCluster } from './impatient-cluster.js';
import { RedisClient } from './redis-client.js';

/** One server, or all of a cluster: commands go to where their keys are. */
export type Connection = Redis | Cluster;

/** How a connection behaves while Redis is away. */
export type Patience =
  /** Commands wait for as long as it takes: consumers, who have nothing else to do. */
  | 'patient'
  /** Commands fail within about a second: requests, whose clients can be told. */
  | 'impatient';

/** Whether Redis says, by itself or as `Unavailable`, that it is full. */
export const isFull = ({ message }: Error): boolean => /^(Redis: )?(ERR )?OOM\b/.test(message);

/** Whether the error says that the stream or its consumer group is gone. */
export const isNoGroup = (error: Error): boolean => /NOGROUP|key.* no longer exists/i.test(error.message);

type Behaviour = Pick<RedisOptions, 'maxRetriesPerRequest' | 'socketTimeout' | 'commandTimeout' | 'connectTimeout'>;

const OPTIONS: Record<Patience, Behaviour> = {
  // A connection that is silent for so long is dead, whatever the network says; reads block for less.
  patient: { maxRetriesPerRequest: null, socketTimeout: 15_000 },
  impatient: { maxRetriesPerRequest: 1, commandTimeout: 10_000 },
};

// Where another server takes the place of one that is silent, nobody waits for the first to come back.
const WITH_FAILOVER: Record<Patience, Behaviour> = {
  patient: OPTIONS.patient,
  impatient: { ...OPTIONS.impatient, socketTimeout: 5000, connectTimeout: 5000 },
};

const retryStrategy = (times: number): number => Math.min(50 * 2 ** Math.min(times, 6), 2000);

// It was a primary. The command was not run; who sent it knows whether it may be sent again.
const reconnectOnError = ({ message }: Error): boolean => message.startsWith('READONLY');

/** Opens connections to one Redis and tells of their troubles. */
export class Connector {
  private readonly address: RedisAddress;
  private readonly nodes: ClusterNodes | undefined;
  private readonly open = new Set<Connection>();
  private cluster: Cluster | undefined;

  /** Throws a TypeError of one sentence if the URL is of no known form. */
  constructor(
    url: string,
    private readonly onError: (error: Error) => void,
    tls?: RedisTls,
  ) {
    this.address = parseRedisUrl(url, tls);
    if (this.address.kind === 'cluster') this.nodes = new ClusterNodes(this.address.nodes, this.address.options);
  }

  /** Whether another server may take the place of one that is silent. */
  get hasFailover(): boolean {
    return this.address.kind !== 'server';
  }

  get isCluster(): boolean {
    return this.address.kind === 'cluster';
  }

  /** Goes to where the keys of each command are; in a cluster there is one for all. Requests fail quickly on it. */
  connect(name: string): Connection {
    if (this.address.kind !== 'cluster') return this.connectTo('', 'impatient', name);
    this.cluster ??= this.watched(
      new ImpatientCluster(
        [...this.address.nodes],
        {
          // Names are looked up by the socket: certificates are for names.
          dnsLookup: (host, callback) => callback(null, host),
          redisOptions: {
            ...this.address.options,
            ...WITH_FAILOVER.impatient,
            connectionName: 'millrace:requests',
          },
        },
        retryStrategy,
      ),
    );
    return this.cluster;
  }

  /**
   * A connection to the server that has a key, and with it all keys of its slot. In a cluster it follows the slot: when
   * that is served elsewhere, it closes and opens there.
   */
  connectTo(key: string, patience: Patience, name: string, options: RedisOptions = {}): Redis {
    const common = { connectionName: `millrace:${name}`, retryStrategy, reconnectOnError };
    const { address } = this;
    if (address.kind === 'server') {
      return this.watched(new RedisClient({ ...address.options, ...common, ...OPTIONS[patience], ...options }));
    }
    const route =
      this.nodes === undefined
        ? { Connector: PatientSentinelConnector, sentinelRetryStrategy: () => null }
        : followSlot(this.nodes, key);
    return this.watched(
      new RedisClient({ ...address.options, ...common, ...WITH_FAILOVER[patience], ...route, ...options }),
    );
  }

  /** Drops every connection; commands in flight are rejected. */
  close(): void {
    for (const redis of this.open) redis.disconnect();
  }

  private watched<T extends Connection>(redis: T): T {
    redis.setMaxListeners(0); // The consumers of all partitions listen to one.
    redis.on('error', this.onError);
    // A cluster connects again by itself after its end.
    redis.on('end', () => redis === this.cluster || this.open.delete(redis));
    redis.on('connect', () => this.open.add(redis));
    this.open.add(redis);
    return redis;
  }
}
