/** A longer path has its keys made as they are needed: all of them together would be larger than the pattern by far. */
const MOST_KEPT = 8;

/** Keys that a path may be read as: of `a.b.c`, from its start, `a`, `a.b` and `a.b.c`, then the rest. */
export class PathKeys {
  /** Steps of the path. */
  readonly length: number;
  private readonly steps: readonly string[];
  private readonly kept: (readonly string[] | undefined)[] = [];
  private readonly beginnings: (string | undefined)[] = [];

  constructor(readonly path: string) {
    this.steps = path.split('.');
    this.length = this.steps.length;
  }

  /** Keys that begin at a step, the shortest first: the one at `i` leads to step `step + i + 1`. */
  from(step: number): readonly string[] {
    if (this.length > MOST_KEPT) return this.keys(step);
    this.kept[step] ??= this.keys(step);
    return this.kept[step];
  }

  /** Steps of work that a look for each of them is. */
  costFrom(step: number): number {
    const keys = this.length - step;
    return this.length > MOST_KEPT ? keys + ((keys * this.path.length) >> 6) : keys;
  }

  /** The path up to a step. */
  upTo(step: number): string {
    if (step === this.length) return this.path;
    if (this.length > MOST_KEPT) return this.beginning(step);
    this.beginnings[step] ??= this.beginning(step);
    return this.beginnings[step];
  }

  private beginning(step: number): string {
    return this.steps.slice(0, step).join('.');
  }

  private keys(step: number): readonly string[] {
    const keys: string[] = [];
    for (let to = step; to < this.length; to += 1) {
      const last = this.steps[to] as string;
      keys.push(to === step ? last : `${keys[to - step - 1]}.${last}`);
    }
    return keys;
  }
}
