/** What one request may take together, in the steps of event patterns: some 300 ms of work in all. */
const MOST_STEPS = 20_000_000;

/** What a request that looks at many events has cost so far. Where it is spent, the answer is what was found until then. */
export class Effort {
  private steps = 0;

  constructor(private readonly most = MOST_STEPS) {}

  add(steps: number): void {
    this.steps += steps;
  }

  get isSpent(): boolean {
    return this.steps >= this.most;
  }
}
