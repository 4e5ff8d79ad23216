import { pause } from '../pause.js';
import type { Functions } from './functions.js';

/** How long a lease runs without being renewed, at most; it is renewed every third of that. */
const LONGEST_MS = 5000;

/** A consumer's turn at a partition that is read by one at a time. */
export class Lease {
  private readonly ms: number;
  /** 0 while somebody else has it. */
  private held = 0;
  private endsAt = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly functions: Functions,
    private readonly key: string,
    private readonly consumer: string,
    claimAfterMs: number,
    private readonly onError: (error: Error) => void,
  ) {
    this.ms = Math.min(claimAfterMs, LONGEST_MS);
  }

  /** Names this turn; every later owner has a higher one. */
  get token(): number {
    return this.held;
  }

  /** Whether somebody else has it, or may have: it could not be renewed in time. */
  get isOver(): boolean {
    return this.held === 0 || Date.now() >= this.endsAt;
  }

  /** Waits for it. Undefined where the signal aborted first; rejects with `Unavailable`. */
  async acquire(stop: AbortSignal): Promise<number | undefined> {
    this.timer ??= setInterval(() => void this.renew().catch(this.onError), this.ms / 3);
    while (!stop.aborted) {
      const free = await this.renew();
      if (this.held > 0) return this.held;
      await pause(Math.min(free, this.ms / 3), stop);
    }
    return undefined;
  }

  /** Gives it up, for others to take at once. */
  async yield(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.held === 0) return;
    this.held = 0;
    await this.functions.call('yield', [this.key], [this.consumer]);
  }

  /** Takes or renews it; gives how long somebody else's still runs. */
  private async renew(): Promise<number> {
    const asked = Date.now();
    const [token, free] = (await this.functions.call('lease', [this.key], [this.consumer, this.ms])) as [
      number,
      number,
    ];
    this.held = token;
    this.endsAt = asked + this.ms;
    return free;
  }
}
