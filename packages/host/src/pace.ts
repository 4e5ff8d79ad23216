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

  async rest(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.since = performance.now();
  }
}
