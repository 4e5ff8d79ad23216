/** So long may work go on without a turn for anything else. */
const MOST_MS = 20;

/**
 * Gives the event loop a turn in work of many parts, each short: leases, heartbeats and other requests go on meanwhile.
 *
 *     for (const one of many) {
 *       handle(one);
 *       if (pace.isDue) await pace.rest();
 *     }
 */
export class Pace {
  private since = performance.now();

  get isDue(): boolean {
    return performance.now() - this.since > MOST_MS;
  }

  /** Does work that is made in parts, with turns for others between them. */
  async through<T>(parts: Iterator<unknown, T>): Promise<T> {
    for (;;) {
      const part = parts.next();
      if (part.done === true) return part.value;
      if (this.isDue) await this.rest();
    }
  }

  async rest(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.since = performance.now();
  }
}
