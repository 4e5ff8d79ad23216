import { Redis } from 'ioredis';
import type { Admission, Endpoint } from './address.js';

const ANSWER_MS = 2000;

type SlotRow = readonly [from: number, to: number, primary: NodeRow, ...replicas: NodeRow[]];
type NodeRow = readonly [host: string | null, port: number, ...more: unknown[]];

/** Knows nodes of a cluster, and asks them who serves what. */
export class ClusterNodes {
  private known: readonly Endpoint[];

  constructor(
    private readonly startup: readonly Endpoint[],
    private readonly options: Admission,
  ) {
    this.known = startup;
  }

  /**
   * Who serves the slot of a key, as the first node says that answers; `first` is asked before the others. Rejects with
   * the last error where none does.
   */
  async primaryOf(key: string, first?: Endpoint): Promise<Endpoint> {
    let last: unknown;
    for (const node of [...(first ? [first] : []), ...shuffled([...this.known, ...this.startup])]) {
      try {
        return await this.ask(node, key);
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  private async ask(node: Endpoint, key: string): Promise<Endpoint> {
    const redis = new Redis({
      ...this.options,
      ...node,
      lazyConnect: true,
      retryStrategy: null,
      enableReadyCheck: false,
      connectTimeout: ANSWER_MS,
      commandTimeout: ANSWER_MS,
      disconnectTimeout: 50,
      connectionName: 'millrace:slots',
    });
    let why: Error | undefined;
    redis.on('error', (error) => {
      why = error;
    });
    try {
      await redis.connect();
      const [slot, rows] = await Promise.all([
        redis.cluster('KEYSLOT', key),
        redis.cluster('SLOTS') as Promise<unknown> as Promise<readonly SlotRow[]>,
      ]);
      // A node that does not know its own name leaves it out: it is where it was asked.
      const endpointOf = ([host, port]: NodeRow): Endpoint => ({ host: host || node.host, port });
      this.known = rows.flatMap(([, , ...all]) => all.map(endpointOf));
      const row = rows.find(([from, to]) => from <= slot && slot <= to);
      if (row === undefined) throw new Error(`CLUSTERDOWN nobody serves slot ${slot}`);
      return endpointOf(row[2]);
    } catch (error) {
      throw why ?? error; // The connection says why, the command only that it is closed.
    } finally {
      redis.disconnect();
    }
  }
}

const shuffled = <T>(all: readonly T[]): T[] =>
  all
    .map((one) => ({ one, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
