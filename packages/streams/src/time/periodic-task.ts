import { LONGEST_TIMER_MS, monotonicMs } from './interval.js';
import { sharedAbort } from './pause.js';

/** How a task is run. */
export interface TaskOptions {
  /** Milliseconds from the end of a run to the next one. Without it nothing is repeated but by `start`. */
  readonly everyMs?: number;
  /** Called with what a run throws or rejects with; the task goes on. Not called for what the stop cut off. It must not throw. */
  readonly onError: (error: Error) => void;
  /** Whether the process may end while the task waits for its next run. Default false. */
  readonly unref?: boolean;
}

/**
 * Work that is done again and again, never twice at the same time, until it is stopped. The signal that it is handed aborts
 * at the stop.
 */
export class PeriodicTask {
  private readonly stopping = sharedAbort();
  private timer: NodeJS.Timeout | undefined;
  private dueAt = Number.POSITIVE_INFINITY;
  private underWay: Promise<void> | undefined;

  constructor(
    private readonly work: (stop: AbortSignal) => unknown,
    private readonly options: TaskOptions,
  ) {}

  /**
   * The next run begins in so many milliseconds, or at the end of the run in progress then. Where one is due sooner,
   * and after `stop`, this is a no-op.
   */
  start(inMs = 0): void {
    const at = monotonicMs() + inMs;
    if (this.stopping.signal.aborted || at >= this.dueAt) return;
    clearTimeout(this.timer);
    this.dueAt = at;
    if (this.underWay === undefined) this.next();
  }

  /**
   * Nothing is begun any more; resolves when what was in flight has ended. May be called again. What asks Redis is not waited
   * for before the transport is closed, which ends it: a Redis that hangs would keep consumers from stopping.
   */
  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.underWay;
  }

  private next(): void {
    const inMs = this.dueAt - monotonicMs();
    if (this.stopping.signal.aborted || inMs === Number.POSITIVE_INFINITY) return;
    if (inMs <= 0) {
      this.run();
      return;
    }
    this.timer = setTimeout(() => this.next(), Math.min(inMs, LONGEST_TIMER_MS));
    if (this.options.unref) this.timer.unref();
  }

  private run(): void {
    this.dueAt = Number.POSITIVE_INFINITY;
    // Where the run asks for the next one before it first waits, it is in progress already.
    this.underWay = Promise.resolve();
    this.underWay = this.attempt().then(() => {
      this.underWay = undefined;
      this.dueAt = Math.min(this.dueAt, monotonicMs() + (this.options.everyMs ?? Number.POSITIVE_INFINITY));
      this.next();
    });
  }

  private async attempt(): Promise<void> {
    const { signal } = this.stopping;
    try {
      await this.work(signal);
    } catch (error) {
      if (!signal.aborted) this.options.onError(error as Error);
    }
  }
}
