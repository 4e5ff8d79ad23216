/**
 * A text to compare without regard to case, as event-ruler does: each UTF-16 unit of the pattern stands for its lower
 * and its upper form, and the event's text is not changed. So `ß` takes `ß` and `SS`, and `SS` does not take `ß`.
 */
export class CaseFolded {
  private readonly units: readonly (readonly string[])[];

  constructor(text: string) {
    this.units = Array.from({ length: text.length }, (_, i) => {
      const unit = text.charAt(i);
      const lower = unit.toLowerCase();
      const upper = unit.toUpperCase();
      return lower === upper ? [lower] : [lower, upper];
    });
  }

  equals(text: string): boolean {
    return this.ends(text).has(text.length);
  }

  startsOf(text: string): boolean {
    return this.ends(text).size > 0;
  }

  endsOf(text: string): boolean {
    let places = new Set([text.length]);
    for (const forms of this.units.toReversed()) {
      places = step(places, forms, (at, form) => (text.endsWith(form, at) ? at - form.length : undefined));
    }
    return places.size > 0;
  }

  /** Places in `text` where a match that begins at 0 may end; several, as forms differ in length. */
  private ends(text: string): Set<number> {
    let places = new Set([0]);
    for (const forms of this.units) {
      places = step(places, forms, (at, form) => (text.startsWith(form, at) ? at + form.length : undefined));
      if (places.size === 0) break;
    }
    return places;
  }
}

const step = (
  places: ReadonlySet<number>,
  forms: readonly string[],
  move: (at: number, form: string) => number | undefined,
): Set<number> => {
  const moved = new Set<number>();
  for (const at of places) {
    for (const form of forms) {
      const to = move(at, form);
      if (to !== undefined) moved.add(to);
    }
  }
  return moved;
};
