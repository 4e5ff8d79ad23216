/**
 * Work that may take long, in parts of some milliseconds: whoever does it lets others have their turn between them, or does it at
 * once. Both give the same, and take the same steps.
 */
export type Parts<T> = Generator<undefined, T>;

const LARGE = 65_536;

/** Whether an event is worth its parts, by its JSON text: matching a smaller one takes a few milliseconds at most. */
export const isLarge = (json: string): boolean => json.length >= LARGE;

/** Does all parts at once. */
export const atOnce = <T>(parts: Parts<T>): T => {
  for (;;) {
    const part = parts.next();
    if (part.done === true) return part.value;
  }
};
