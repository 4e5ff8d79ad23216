import type { Redis } from 'ioredis';
import { Unavailable } from '../../errors.js';
import type { Connection } from '../connection/connection.js';
import { infoField, isTakenAway } from '../connection/info.js';
import { examineEach, type Finding, loadedInfo } from '../observe/doctor.js';

/** What an appended event survives before `append` resolves. */
export interface Durability {
  /**
   * `memory`: a crash of the services. `everysec`: what the server's AOF survives, usually all but the last second.
   * `always`: it is on the disk of the primary.
   */
  readonly level: 'memory' | 'everysec' | 'always';
  /** How many replicas have it; with `always`, on their disks. */
  readonly replicas: number;
  /** How long to wait for that, in milliseconds. Then the append rejects with `Unavailable`, and may be repeated. */
  readonly timeoutMs: number;
}

/** True also where COMMAND is taken away: whoever tries the command hears of it. */
const has = async (redis: Redis, command: string): Promise<boolean> => {
  const found = await redis.call('COMMAND', 'INFO', command).catch((error: unknown) => {
    if (!isTakenAway(error)) throw error;
    return [command];
  });
  return ((found as unknown[] | null) ?? [])[0] != null;
};

/** How a server can be asked for what is on its disk: by command, by answering no sooner, or not at all. */
type Means = 'waitaof' | 'appendfsync' | 'none';

const fsyncOf = async (redis: Redis): Promise<string> => {
  const [, fsync = 'hidden'] = (await redis.config('GET', 'appendfsync').catch(() => [])) as string[];
  return fsync;
};

const meansOf = async (redis: Redis): Promise<Means> => {
  if (await has(redis, 'waitaof')) return 'waitaof';
  const isOn = infoField(await loadedInfo(redis), 'aof_enabled') === '1';
  return isOn && (await fsyncOf(redis)) === 'always' ? 'appendfsync' : 'none';
};

/** Waits until what a connection wrote is safe, and makes sure that it is the same connection. */
export class Confirmation {
  private connections = 0;
  private means: Means | undefined;

  /** `redis` is used for nothing else: whoever waits holds up all that is sent after it. */
  constructor(
    private readonly redis: Redis,
    private readonly durability: Durability,
  ) {
    redis.on('close', () => {
      this.connections += 1;
      this.means = undefined; // Another server may be behind the same address.
    });
  }

  /** Whether there is anything to wait for. */
  static isNeeded({ level, replicas }: Durability): boolean {
    return level === 'always' || replicas > 0;
  }

  /** Writes, then waits. Rejects with `Unavailable` where it is not known to be safe in time. */
  async of<T>(write: () => Promise<T>): Promise<T> {
    const before = this.connections;
    const result = await write();
    await this.wait();
    // On another connection than the write's, Redis has nothing to wait for and says yes at once.
    if (this.connections !== before) throw new Unavailable('Redis: the connection was lost before the write was safe');
    return result;
  }

  private async wait(): Promise<void> {
    const { level, replicas, timeoutMs } = this.durability;
    try {
      const means = level === 'always' ? await this.meansOf() : 'appendfsync';
      if (means === 'none') throw new Unavailable('Redis: it has no WAITAOF, and appendfsync is not always');
      if (means === 'waitaof') {
        const [local, remote] = (await this.redis.call('WAITAOF', 1, replicas, timeoutMs)) as [number, number];
        this.check(local, 1, 'disk of the primary');
        this.check(remote, replicas, 'disks of replicas');
      } else if (replicas > 0) {
        this.check((await this.redis.call('WAIT', replicas, timeoutMs)) as number, replicas, 'replicas');
      }
    } catch (error) {
      if (error instanceof Unavailable) throw error;
      throw new Unavailable(`Redis: ${(error as Error).message}`, { cause: error });
    }
  }

  private check(count: number, wanted: number, where: string): void {
    if (count >= wanted) return;
    const { timeoutMs } = this.durability;
    throw new Unavailable(`Redis: after ${timeoutMs} ms the events are on ${count} of ${wanted} ${where}`);
  }

  /** Asked once for a connection, unless there are none: somebody may put that right. */
  private async meansOf(): Promise<Means> {
    if (this.means !== undefined) return this.means;
    const means = await meansOf(this.redis);
    if (means !== 'none') this.means = means;
    return means;
  }
}

/** Whether the server can do what the durability asks for. Rejects with `Unavailable` if it cannot be reached. */
export const examineDurability = async (redis: Connection, durability: Durability): Promise<Finding> => {
  const [found] = await examineEach(redis, async (primary) => [await durabilityOf(primary, durability)]);
  return found as Finding;
};

const durabilityOf = async (redis: Redis, { level, replicas }: Durability): Promise<Finding> => {
  const found = (verdict: Finding['verdict'], detail: string): Finding => ({ check: 'durability', verdict, detail });
  const info = await loadedInfo(redis);
  const aof = infoField(info, 'aof_enabled');
  const connected = Number(infoField(info, 'connected_slaves') ?? 0);
  if (level === 'always' && aof !== undefined && aof !== '1') {
    return found('refuse', 'DURABILITY=always needs the append-only file, which is off; set appendonly yes');
  }
  if (level === 'always') {
    const fsync = await fsyncOf(redis);
    const isSynced = fsync === 'always';
    if (!isSynced && !(await has(redis, 'waitaof'))) {
      const detail = `DURABILITY=always needs WAITAOF (Redis 7.2) or appendfsync always; appendfsync is ${fsync}`;
      return found('refuse', detail);
    }
    if (!isSynced && fsync !== 'hidden') {
      return found('warning', `appendfsync is ${fsync}, so every request waits for up to a second; set it to always`);
    }
  }
  if (info === '') return found('unknown', 'this user may not run INFO: append-only file and replicas are unknown');
  if (connected < replicas) {
    return found(
      'warning',
      `DURABILITY_REPLICAS is ${replicas} and ${connected} are connected: every event gets a 503`,
    );
  }
  return found('ok', `${level}, ${replicas} replicas`);
};
