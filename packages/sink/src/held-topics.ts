import type { Health, Logger } from '@millrace/host';

/** The first wait; doubled with each failure in a row. */
const FIRST_MS = 1000;
const LONGEST_MS = 60_000;
/** How long after the next try the topic stays unread, so that what is queued is tried before more of it is read. */
const graceOf = (waitMs: number): number => waitMs / 2 + 1000;
/** How long after that a topic of which nothing was tried again is held no more. */
const FORGOTTEN_AFTER_MS = 60_000;

/** A topic whose target is away. */
interface Held {
  readonly failures: number;
  /** When what is queued is tried again. */
  readonly dueAt: number;
  /** When more of it is read, if nobody said meanwhile that the target is back. */
  readonly readAt: number;
  readonly timer: NodeJS.Timeout;
}

/**
 * Topics that cannot be delivered now while others can: they are not read, what was read of them waits, and the readiness
 * of the process says so. In milliseconds of a clock that only goes forward.
 */
export class HeldTopics {
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly health: Health,
    private readonly log: Logger | undefined,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The topic's target is away. Gives how long its deliveries wait; several failures until then are one. */
  hold(topic: string, why: string): number {
    const now = this.now();
    const held = this.held.get(topic);
    if (held !== undefined && now < held.dueAt) return held.dueAt - now;
    const failures = (held?.failures ?? 0) + 1;
    const waitMs = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 10), LONGEST_MS);
    const readMs = waitMs + graceOf(waitMs);
    clearTimeout(held?.timer);
    const timer = setTimeout(() => this.forget(topic), readMs + FORGOTTEN_AFTER_MS).unref();
    this.held.set(topic, { failures, dueAt: now + waitMs, readAt: now + readMs, timer });
    if (held === undefined) this.log?.warn(`topic ${topic}: waiting: ${why}`);
    this.health.down(dependency(topic), why);
    return waitMs;
  }

  /** Something of the topic was delivered. */
  release(topic: string): void {
    if (this.drop(topic)) this.log?.info(`topic ${topic}: target reachable again`);
  }

  /** Ends what is in flight. */
  close(): void {
    for (const { timer } of this.held.values()) clearTimeout(timer);
  }

  /** What waited was delivered by another process, or is a dead letter: whether the target is there is not known here. */
  private forget(topic: string): void {
    if (this.drop(topic)) this.log?.info(`topic ${topic}: no longer waiting for its target`);
  }

  private drop(topic: string): boolean {
    clearTimeout(this.held.get(topic)?.timer);
    if (!this.held.delete(topic)) return false;
    this.health.up(dependency(topic));
    return true;
  }

  /** Whether the topic is not to be read now. */
  has(topic: string): boolean {
    const held = this.held.get(topic);
    return held !== undefined && this.now() < held.readAt;
  }
}

const dependency = (topic: string): string => `topic ${topic}`;
