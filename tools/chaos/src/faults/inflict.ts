import { setTimeout as pause } from 'node:timers/promises';
import type { Stack } from '../stack.js';
import { WallClock } from './clocks.js';
import type { Intruder } from './intruder.js';
import type { Fault, ServiceName } from './schedule.js';

/** How long Redis is full before the services are killed. */
const FULL_BEFORE_MS = 300;

/** How many faults of a target began and are over. */
export interface TargetFaults {
  readonly begun: number;
  readonly over: number;
}

/** Does to the stack what a schedule says. Faults of one target wait for each other; those of different ones overlap. */
export class Inflictor {
  private readonly busy = new Map<string, Promise<void>>();
  private readonly marks = new Map<Fault['target'], TargetFaults>();

  constructor(
    private readonly stack: Stack,
    private readonly intruder: Intruder,
  ) {}

  /** Resolves when the fault is over. */
  inflict(fault: Fault): Promise<void> {
    const before = this.busy.get(fault.target) ?? Promise.resolve();
    const done = before.then(() => this.marked(fault));
    this.busy.set(fault.target, done);
    return done;
  }

  /** Resolves when no fault is in progress. */
  async over(): Promise<void> {
    await Promise.all(this.busy.values());
  }

  /** What was done to a target so far. */
  of(target: Fault['target']): TargetFaults {
    return this.marks.get(target) ?? { begun: 0, over: 0 };
  }

  private async marked(fault: Fault): Promise<void> {
    const { begun } = this.of(fault.target);
    this.marks.set(fault.target, { begun: begun + 1, over: begun });
    await this.now(fault);
    this.marks.set(fault.target, { begun: begun + 1, over: begun + 1 });
  }

  private async now(fault: Fault): Promise<void> {
    switch (fault.target) {
      case 'redis':
        return this.redis(fault);
      case 'streams':
        return this.intruder.intrude();
      case 'postgres':
        return this.postgres(fault);
      case 'receiver':
        return this.receiver(fault.kind, fault.ms);
      default:
        return this.service(fault);
    }
  }

  private async redis(fault: Extract<Fault, { target: 'redis' }>): Promise<void> {
    const { store, workers } = this.stack;
    if (fault.kind === 'kill') return store.kill(fault.ms);
    const filled = store.fill(fault.ms);
    if (fault.kind === 'restart') {
      await pause(FULL_BEFORE_MS);
      await Promise.all(workers.map((worker) => worker.kill()));
    }
    return filled;
  }

  private async postgres(fault: Extract<Fault, { target: 'postgres' }>): Promise<void> {
    const { postgres, postgresProxy } = this.stack;
    if (fault.kind === 'cut') return postgresProxy.cut();
    if (fault.kind === 'stall') {
      postgresProxy.stall();
      await pause(fault.ms);
      return postgresProxy.flow();
    }
    await postgres.kill();
    await pause(fault.ms);
    await postgres.restart();
  }

  private async receiver(mood: 'slow' | 'fail', ms: number): Promise<void> {
    this.stack.deliveries.be(mood);
    await pause(ms);
    this.stack.deliveries.be('well');
  }

  private async service(fault: Extract<Fault, { target: ServiceName }>): Promise<void> {
    const worker = this.stack.next(fault.target);
    switch (fault.kind) {
      case 'kill':
        return worker.kill();
      case 'terminate':
        return worker.terminate();
      case 'cut':
        return this.stack.store.cut(fault.target);
      case 'pause':
        worker.pause();
        await pause(fault.ms);
        return worker.resume();
      case 'stall':
        return this.stack.store.stall(fault.target, fault.ms);
      case 'clock':
        if (!WallClock.canBeSet) return;
        worker.shiftClock(fault.byMs);
        await pause(fault.ms);
        return worker.shiftClock(0);
    }
  }
}
