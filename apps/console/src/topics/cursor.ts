/** Nothing stands before 0-0, and Redis refuses to look there. */
const POSITION = /^(?!0+-0+(?:\.|$))\d{1,16}-\d{1,16}(\.\d{1,4})?$/;

/** Where a page ended, in every partition: the position of the last event that was given; null where none was. */
export class Cursor {
  constructor(readonly after: readonly (string | null)[]) {}

  static start(partitions: number): Cursor {
    return new Cursor(Array.from({ length: partitions }, () => null));
  }

  /** Undefined where the text is no cursor. Of partitions that there are since, nothing was given yet. */
  static parse(text: string, partitions: number): Cursor | undefined {
    const parts = text.split('~');
    const isPart = (part: string) => part === '' || POSITION.test(part);
    if (parts.length > partitions || !parts.every(isPart)) return undefined;
    return new Cursor(Array.from({ length: partitions }, (_, i) => parts[i] || null));
  }

  /** With another position in one partition. */
  at(partition: number, position: string): Cursor {
    return new Cursor(this.after.map((one, i) => (i === partition ? position : one)));
  }

  toString(): string {
    return this.after.map((one) => one ?? '').join('~');
  }
}
