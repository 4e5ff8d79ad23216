/** Spreads requests evenly over a second. Pure: knows no clock but the one handed in. */
export class Rate {
  private nextAt = 0;

  constructor(private readonly perSecond: number | undefined) {}

  /** How long the next request has to wait, in milliseconds; it has its place from now on. */
  take(now: number): number {
    if (this.perSecond === undefined) return 0;
    const at = Math.max(now, this.nextAt);
    this.nextAt = at + 1000 / this.perSecond;
    return at - now;
  }
}
