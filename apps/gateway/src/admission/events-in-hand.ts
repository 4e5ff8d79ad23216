interface Waiting {
  readonly count: number;
  readonly go: () => void;
}

/**
 * Bounds the events of all requests that are decoded and not answered yet: a small one takes thirty times its bytes. Who finds
 * no room waits for it, in the order of coming.
 */
export class EventsInHand {
  private inHand = 0;
  private readonly waiting: Waiting[] = [];

  constructor(private readonly most: number) {}

  /** Does it with room for so many, or, where there are more than ever fit, with all of the room. */
  async take<T>(count: number, act: () => Promise<T>): Promise<T> {
    if (this.waiting.length > 0 || !this.fits(count)) {
      await new Promise<void>((go) => this.waiting.push({ count, go }));
    } else this.inHand += count;
    try {
      return await act();
    } finally {
      this.inHand -= count;
      this.letIn();
    }
  }

  private letIn(): void {
    for (let next = this.waiting[0]; next !== undefined && this.fits(next.count); next = this.waiting[0]) {
      this.waiting.shift();
      this.inHand += next.count;
      next.go();
    }
  }

  private fits(count: number): boolean {
    return this.inHand === 0 || this.inHand + count <= this.most;
  }
}
