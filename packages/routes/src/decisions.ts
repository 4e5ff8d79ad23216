import type { Connection, RedisTransport } from '@millrace/streams/redis';

/** Which routes a router decides by. */
export interface Decider {
  /** Of the routes in Redis. */
  readonly version: number;
  /** Of all routes, those of a file too. */
  readonly digest: string;
}

const MOST = 10_000;

/**
 * From when on which routes decided in a partition: a router says so before it settles its first batch by them, so an
 * entry of a topic was decided by the last record that is not younger than it.
 */
export class Decisions {
  private readonly redis: Connection;

  constructor(private readonly transport: RedisTransport) {
    this.redis = transport.connections.connect('decisions');
  }

  /** Also where Redis is full: what it waits for is what empties it. Rejects with `Unavailable`. */
  async record(partition: number, { version, digest }: Decider): Promise<void> {
    const fields = ['version', version, 'digest', digest];
    await this.transport.notes.log(this.key(partition), MOST, fields);
  }

  /** What decided where an entry was put into a topic at that time, in Unix milliseconds; undefined: not known any more. */
  async at(partition: number, time: number): Promise<Decider | undefined> {
    const rows = await this.redis.xrevrange(this.key(partition), time, '-', 'COUNT', 1);
    const fields = rows[0]?.[1];
    if (fields === undefined) return undefined;
    const of = (name: string) => fields[fields.indexOf(name) + 1] as string;
    return { version: Number(of('version')), digest: of('digest') };
  }

  private key(partition: number): string {
    return this.transport.keys.stream({ name: 'routes', partition });
  }
}
