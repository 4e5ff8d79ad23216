import type { Connection, Keys } from '@millrace/streams/redis';
import type { OperationFunctions } from '../functions/operations-library.js';

/** A job as it is stored: what was ordered, and its state, both texts. */
export interface StoredJob {
  readonly id: string;
  readonly order: string;
  /** Undefined where it was lost. */
  readonly state: string | undefined;
}

/** Jobs of one kind in Redis, so that they survive the process that runs them. All methods reject with `Unavailable`. */
export class Jobs {
  private readonly orders: string;
  private readonly states: string;

  constructor(
    private readonly redis: Connection,
    private readonly functions: OperationFunctions,
    private readonly keys: Keys,
    /** `replays`, `redrives`. */
    private readonly kind: string,
  ) {
    this.orders = keys.control(kind);
    this.states = keys.control(`${kind}:states`);
  }

  async add(id: string, order: string, state: string): Promise<void> {
    const added = this.redis.multi().hset(this.orders, id, order).hset(this.states, id, state).exec();
    await added;
  }

  async all(): Promise<StoredJob[]> {
    const [orders, states] = await Promise.all([this.redis.hgetall(this.orders), this.redis.hgetall(this.states)]);
    return Object.entries(orders).map(([id, order]) => ({ id, order, state: states[id] }));
  }

  async one(id: string): Promise<StoredJob | undefined> {
    const [order, state] = await Promise.all([this.redis.hget(this.orders, id), this.redis.hget(this.states, id)]);
    return order === null ? undefined : { id, order, state: state ?? undefined };
  }

  async state(id: string): Promise<string | undefined> {
    return (await this.redis.hget(this.states, id)) ?? undefined;
  }

  /** Changes a state where it is one of `from`. False where it is another one: then nothing was done. */
  async changeState(id: string, to: string, from: readonly string[]): Promise<boolean> {
    return (await this.functions.call('swap', [this.states], [id, to, ...from])) === 1;
  }

  /** Makes a process the one that runs a job, for a time, or for that time again. False where another one is. */
  async lock(id: string, process: string, ms: number): Promise<boolean> {
    return (await this.functions.call('lock', [this.owner(id)], [process, ms])) === 1;
  }

  /** Lets others run a job at once. Nothing where another process runs it. */
  async unlock(id: string, process: string): Promise<void> {
    await this.functions.call('unlock', [this.owner(id)], [process]);
  }

  /** Forgets jobs, and what they noted in each partition under the name that is given for one. */
  async forget(ids: readonly string[], progress: readonly string[], partitions: number): Promise<void> {
    if (ids.length === 0) return;
    // First the progress: what is left of it without its order would be left for ever.
    for (const name of progress) {
      for (let partition = 0; partition < partitions; partition += 1) {
        await this.redis.unlink(this.keys.stream({ name, partition }));
      }
    }
    await Promise.all([this.redis.hdel(this.orders, ...ids), this.redis.hdel(this.states, ...ids)]);
  }

  private owner(id: string): string {
    return this.keys.control(`${this.kind}:owner:${id}`);
  }
}
