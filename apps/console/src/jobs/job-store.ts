import { randomUUID } from 'node:crypto';
import type { JobState } from '@millrace/admin-api';
import { parseJson, writeJson } from '@millrace/json';
import type { Jobs, StoredJob } from '@millrace/operations';
import type { Partitioning } from '@millrace/streams';
import { isUnfinished, type Job, type Standing } from './job.js';

/** Finished jobs of a kind that are remembered. */
const KEPT = 100;

interface Stored {
  readonly state: JobState;
  readonly error?: string;
}

/** Jobs of one kind, so that they survive the process that runs them. All methods reject with `Unavailable`. */
export class JobStore<Order extends Job> {
  constructor(
    private readonly jobs: Jobs,
    private readonly partitions: Partitioning,
    /** What a job notes in each partition: `replay:<id>`. */
    private readonly progressOf: (id: string) => string,
    /** In the place of a state that was lost. */
    private readonly lost: JobState,
  ) {}

  /** Ids sort by their time. */
  static newId(): string {
    return `${Date.now().toString(36)}-${randomUUID().slice(0, 8)}`;
  }

  async add(order: Order): Promise<void> {
    await this.jobs.add(order.id, writeJson(order), writeJson({ state: 'running' } satisfies Stored));
    const finished = (await this.all()).filter(({ state }) => !isUnfinished(state)).slice(KEPT);
    const ids = finished.map(({ order: { id } }) => id);
    await this.jobs.forget(ids, ids.map(this.progressOf), this.partitions.count);
  }

  /** The newest first. */
  async all(): Promise<Standing<Order>[]> {
    const all = (await this.jobs.all()).map((job) => this.standing(job));
    return all.sort((a, b) => b.order.createdAt - a.order.createdAt);
  }

  async one(id: string): Promise<Standing<Order> | undefined> {
    const found = await this.jobs.one(id);
    return found && this.standing(found);
  }

  /** Those that somebody has to run. */
  async running(): Promise<Order[]> {
    return (await this.all()).filter(({ state }) => state === 'running').map(({ order }) => order);
  }

  /** Undefined where there is no such job. */
  async state(id: string): Promise<JobState | undefined> {
    const json = await this.jobs.state(id);
    return json === undefined ? undefined : (parseJson(json) as Stored).state;
  }

  /** Changes the state where it is one of `from`: another console may have been first. False where it is another one. */
  changeState(id: string, state: JobState, from: readonly JobState[], error?: string): Promise<boolean> {
    const stored: Stored = { state, ...(error === undefined ? {} : { error }) };
    const expected = from.map((one) => writeJson({ state: one } satisfies Stored));
    return this.jobs.changeState(id, writeJson(stored), expected);
  }

  /** Makes a process the one that runs a job, for a time. False where another one is. */
  lock(id: string, process: string, ms: number): Promise<boolean> {
    return this.jobs.lock(id, process, ms);
  }

  unlock(id: string, process: string): Promise<void> {
    return this.jobs.unlock(id, process);
  }

  private standing({ order, state = writeJson({ state: this.lost } satisfies Stored) }: StoredJob): Standing<Order> {
    const { state: now, error = null } = parseJson(state) as Stored;
    return { order: parseJson(order) as Order, state: now, error };
  }
}
