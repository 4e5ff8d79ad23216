import { randomUUID } from 'node:crypto';
import type { Logger } from '@millrace/host';
import { PeriodicTask } from '@millrace/streams';
import { type Job, UNFINISHED } from './job.js';
import type { JobStore } from './job-store.js';

/** How soon a job goes on that nobody runs any more. */
const LOOK_EVERY_MS = 2000;
const LOCKED_MS = 10_000;

export interface Turn {
  /** Asked before every step: false ends the run where it stands. */
  readonly mayGoOn: () => Promise<boolean>;
  readonly stop: AbortSignal;
}

/** Does a job from where it stands. True at its end, false where it was stopped before; a failure other than `Unavailable` is final. */
export type Run<Order extends Job> = (order: Order, turn: Turn) => Promise<boolean>;

/**
 * Runs the jobs of one kind that no other console runs. A lock keeps two consoles from trying the same; that each step is done
 * once is for the steps to see to.
 */
export class JobRunner<Order extends Job> {
  private readonly me = randomUUID();
  private readonly stopping = new AbortController();
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly looking = new PeriodicTask(() => this.takeUp(), {
    everyMs: LOOK_EVERY_MS,
    onError: (error) =>
      this.log.debug({ err: error.message }, `cannot read the state of each ${this.what} from Redis; retrying`),
  });

  constructor(
    private readonly store: JobStore<Order>,
    private readonly run: Run<Order>,
    private readonly log: Logger,
    /** `replay`. */
    private readonly what: string,
  ) {}

  start(): void {
    this.looking.start(LOOK_EVERY_MS);
  }

  /** Ends what runs here where it stands: another process goes on with it. */
  async stop(): Promise<void> {
    this.stopping.abort();
    void this.looking.stop();
    await Promise.all(this.underWay.values());
  }

  /** Takes up what is to run and has nobody to run it, now rather than at the next look. */
  lookNow(): void {
    this.looking.start();
  }

  private async takeUp(): Promise<void> {
    for (const job of await this.store.running()) this.go(job);
  }

  /** Runs one, if no other console does. */
  go(job: Order): void {
    if (this.underWay.has(job.id) || this.stopping.signal.aborted) return;
    this.underWay.set(
      job.id,
      this.attempt(job).finally(() => this.underWay.delete(job.id)),
    );
  }

  /** Resolves when this process does not run it, or has ended its last step. */
  async ended(id: string): Promise<void> {
    await this.underWay.get(id);
  }

  private async attempt(job: Order): Promise<void> {
    const { id } = job;
    const mayGoOn = async () =>
      (await this.store.lock(id, this.me, LOCKED_MS)) && (await this.store.state(id)) === 'running';
    try {
      if (!(await mayGoOn())) return;
      const isDone = await this.run(job, { mayGoOn, stop: this.stopping.signal });
      if (isDone) await this.store.changeState(id, 'done', UNFINISHED);
      await this.store.unlock(id, this.me);
      this.log.info({ id, state: await this.store.state(id) }, this.what);
    } catch (error) {
      await this.failed(id, error as Error);
    }
  }

  /** What Redis will do again soon is taken up again; all else is for people to see. */
  private async failed(id: string, error: Error): Promise<void> {
    this.log.warn({ id, err: error }, `a ${this.what} was interrupted`);
    if (error.name === 'Unavailable') return;
    await this.store.changeState(id, 'failed', UNFINISHED, error.message).catch(() => undefined);
  }
}
