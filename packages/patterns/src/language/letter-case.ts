/**
 * A text to compare without regard to case, as event-ruler does: each UTF-16 unit of the pattern stands for its lower
 * and its upper form, and the event's text is not changed. So `ß` takes `ß` and `SS`, and `SS` does not take `ß`. Of no unit
 * does one form begin or end with the other, so there is one way at most to go on.
 */
export class CaseFolded {
  private readonly lower: readonly string[];
  private readonly upper: readonly string[];

  constructor(text: string) {
    const units = text.split('');
    this.lower = units.map((unit) => unit.toLowerCase());
    this.upper = units.map((unit) => unit.toUpperCase());
  }

  equals(text: string): boolean {
    return this.end(text) === text.length;
  }

  startsOf(text: string): boolean {
    return this.end(text) !== undefined;
  }

  endsOf(text: string): boolean {
    let at = text.length;
    for (let i = this.lower.length - 1; i >= 0; i -= 1) {
      const form = this.form(i, (one) => text.endsWith(one, at));
      if (form === undefined) return false;
      at -= form.length;
    }
    return true;
  }

  /** Where in `text` a match that begins at 0 ends. */
  private end(text: string): number | undefined {
    let at = 0;
    for (let i = 0; i < this.lower.length; i += 1) {
      const form = this.form(i, (one) => text.startsWith(one, at));
      if (form === undefined) return undefined;
      at += form.length;
    }
    return at;
  }

  private form(i: number, isThere: (form: string) => boolean): string | undefined {
    const [lower, upper] = [this.lower[i] as string, this.upper[i] as string];
    if (isThere(lower)) return lower;
    return isThere(upper) ? upper : undefined;
  }
}
