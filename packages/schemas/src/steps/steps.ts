/** Validating took more steps than there are for it. */
export class TooManySteps extends Error {
  override readonly name = 'TooManySteps';

  constructor() {
    super('validation exceeds the step limit');
  }
}

const FIRST = 20_000;
/** More for each character of an event: what looks at everything a few times is linear in it. */
const PER_CHARACTER = 20;
/** Never more: a step is up to 100 ns, so these are a tenth of a second in which a process does nothing else. */
const MOST = 1_000_000;

/** Counts what validating does, so that it ends by itself; steps and not time, so that the same event has the same outcome. */
export class Steps {
  private left = 0;

  /** As many as an event has whose text is so long. */
  begin(characters: number): void {
    this.left = Math.min(MOST, FIRST + PER_CHARACTER * characters);
  }

  /** Throws `TooManySteps` where there are none left. */
  spend(steps: number): void {
    this.left -= steps;
    if (this.left < 0) throw new TooManySteps();
  }
}
