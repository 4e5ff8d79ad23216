/** Lets so many do something at once; the others wait for their turn, in the order in which they came. */
export class Turns {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(
    most: number,
    /** How many may wait. */
    private readonly mostWaiting = Number.POSITIVE_INFINITY,
  ) {
    this.free = most;
  }

  /** Whether nobody more may wait. */
  get isFull(): boolean {
    return this.free === 0 && this.waiting.length >= this.mostWaiting;
  }

  /** Does it when it is its turn. */
  async take<T>(act: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await act();
    } finally {
      this.pass();
    }
  }

  private pass(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.free += 1;
    else next();
  }
}
