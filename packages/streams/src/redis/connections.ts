import type { Redis } from 'ioredis';
import type { Connection, Connector } from './connection/connection.js';

/** The connections of a transport, for what is built upon it; all fail quickly, and end with it. */
export class Connections {
  /** The one that all requests share. */
  readonly requests: Connection;
  private readonly named = new Map<string, Redis>();

  constructor(private readonly connector: Connector) {
    this.requests = connector.connect('requests');
  }

  /** Whether keys of different hash tags may be on different servers. */
  get isCluster(): boolean {
    return this.connector.isCluster;
  }

  /**
   * A further connection. In a cluster it is the connection to all of it, and each command, pipeline or transaction has keys
   * of one slot.
   */
  connect(name: string): Connection {
    return this.connector.connect(name);
  }

  /**
   * The same for keys of one slot, any of which stands for them: also for commands whose keys ioredis does not know, as
   * those of modules. The same name gives the same connection again, in a cluster for each key.
   */
  connectTo(key: string, name: string): Redis {
    const use = this.isCluster ? `${name} ${key}` : name;
    const redis = this.named.get(use) ?? this.connector.connectTo(key, 'impatient', name);
    this.named.set(use, redis);
    return redis;
  }
}
