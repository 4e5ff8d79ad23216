import type { Redrive } from '@millrace/admin-api';
import { LOGGER, type Logger } from '@millrace/host';
import { Operations } from '@millrace/operations';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type Standing, UNFINISHED } from '../jobs/job.js';
import { JobRunner } from '../jobs/job-runner.js';
import { JobStore } from '../jobs/job-store.js';
import { type DeadLetterFilter, DeadLetterFinder } from './dead-letter-finder.js';
import type { StoredRedrive } from './redrive.js';
import { RedriveRun } from './redrive-run.js';

/** Redrives what matches, at a rate. A redrive is in Redis: whichever console is there goes on with it. */
@Injectable()
export class Redrives implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly store: JobStore<StoredRedrive>;
  private readonly runner: JobRunner<StoredRedrive>;

  constructor(
    @Inject(RedisTransport) transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
    @Inject(DeadLetterFinder) private readonly letters: DeadLetterFinder,
    @Inject(LOGGER) log: Logger,
  ) {
    this.store = new JobStore(operations.jobs('redrives'), transport.partitions, (id) => `redrive:${id}`, 'stopped');
    const run = (redrive: StoredRedrive, turn: ConstructorParameters<typeof RedriveRun>[2]) =>
      new RedriveRun(operations, redrive, turn).run();
    this.runner = new JobRunner(this.store, run, log, 'redrive');
  }

  onApplicationBootstrap(): void {
    this.runner.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.runner.stop();
  }

  /** Starts one. Undefined where no dead letter matches. Rejects with `Unavailable`. */
  async start(who: string, filter: DeadLetterFilter, perSecond: number): Promise<Redrive | undefined> {
    const parts = await this.letters.ends(filter);
    const matched = await this.letters.count(filter);
    if (matched === 0) return undefined;
    const redrive: StoredRedrive = {
      id: JobStore.newId(),
      createdAt: Date.now(),
      filter,
      perSecond,
      who,
      matched,
      parts,
    };
    await this.store.add(redrive);
    await this.operations.audit.add(who, 'redrive', { id: redrive.id, filter, perSecond, matched });
    this.runner.go(redrive);
    return this.view({ order: redrive, state: 'running', error: null });
  }

  /** Of all consoles, the newest first. */
  async all(): Promise<Redrive[]> {
    return Promise.all((await this.store.all()).map((one) => this.view(one)));
  }

  /** Those that are not at their end. */
  async running(): Promise<Redrive[]> {
    const running = (await this.store.all()).filter(({ state }) => state === 'running');
    return Promise.all(running.map((one) => this.view(one)));
  }

  async one(id: string): Promise<Redrive | undefined> {
    const found = await this.store.one(id);
    return found && this.view(found);
  }

  /** Ends one where it stands, whichever console runs it. False where it is at its end already. */
  async stop(id: string, who: string): Promise<boolean> {
    const isStopped = await this.store.changeState(id, 'stopped', UNFINISHED);
    // What it says of itself from now on stays so.
    await this.runner.ended(id);
    if (isStopped) await this.operations.audit.add(who, 'stop redrive', { id });
    return isStopped;
  }

  private async view({ order, state, error }: Standing<StoredRedrive>): Promise<Redrive> {
    const { parts, createdAt, ...redrive } = order;
    const partitions = [...new Set(parts.map(({ partition }) => partition))];
    const { deadLetters } = this.operations;
    const counts = await Promise.all(
      partitions.map((partition) => deadLetters.redriveCounts({ id: order.id, partition })),
    );
    return {
      ...redrive,
      startedAt: createdAt,
      state,
      redriven: counts.reduce((sum, one) => sum + one.redriven, 0),
      withoutPayload: counts.reduce((sum, one) => sum + one.withoutPayload, 0),
      ...(error === null ? {} : { error }),
    };
  }
}
