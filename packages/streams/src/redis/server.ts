import { type Durability, examineDurability } from './append/durability.js';
import type { Keys } from './connection/keys.js';
import { type Memory, memoryOf } from './connection/memory.js';
import { ofEachPrimary } from './connection/primaries.js';
import type { Connections } from './connections.js';
import type { Functions } from './functions/functions.js';
import { examine, type Finding } from './observe/doctor.js';
import type { Partitions } from './partitions/partitions.js';

/** The server, or the servers of a cluster, that streams are in. All methods reject with `Unavailable` where Redis is away. */
export class RedisServer {
  constructor(
    private readonly connections: Connections,
    private readonly functions: Functions,
    private readonly keys: Keys,
    private readonly partitions: Partitions,
  ) {}

  /** Resolves if Redis answers. */
  async ping(): Promise<void> {
    const { isCluster, requests } = this.connections;
    // A node of a cluster answers PING also where the cluster serves nothing.
    await (isCluster ? requests.exists(this.keys.control('sinks')) : requests.ping());
  }

  /** A section of INFO, of the server or of every primary of a cluster. */
  info(section: string): Promise<string[]> {
    return ofEachPrimary(this.connections.requests, (primary) => primary.info(section));
  }

  /** Its memory; undefined where it does not tell. */
  memory(): Promise<Memory | undefined> {
    return memoryOf(this.connections.requests);
  }

  /** What the doctor finds of it. */
  async examine(): Promise<Finding[]> {
    const found = await examine(this.connections.requests);
    // What it has no Functions for cannot be asked there.
    if (found.some(({ verdict }) => verdict === 'refuse')) return found;
    return [...found, await this.partitions.examine()];
  }

  /** Whether it can do what the durability asks for. */
  examineDurability(durability: Durability): Promise<Finding> {
    return examineDurability(this.connections.requests, durability);
  }

  /**
   * Loads the Functions of this version, and further libraries (their text), on every primary: for a user who may, where
   * services may not. Rejects with `Unavailable`, or as Redis does.
   */
  loadFunctions(further: readonly string[] = []): Promise<void> {
    return this.functions.loadLibraries(further);
  }
}
