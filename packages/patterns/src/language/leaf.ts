import { ExactNumber } from '@millrace/json';
import type { Matcher, Scalar, Test } from './operators.js';
import { PathKeys } from './path-keys.js';

/** All that a leaf accepts, where that can be looked up: values that are written out, and what prefixes begin. */
export interface Lookup {
  readonly values: readonly Scalar[];
  readonly prefixes: readonly string[];
}

/** A field of a pattern and what it accepts. */
export class Leaf {
  /** Ways to read the path as keys. */
  readonly keys: PathKeys;
  /** `{"exists": false}` is among what it accepts. */
  readonly acceptsAbsence: boolean;
  /** Values that are exactly accepted. */
  readonly values: ReadonlySet<Scalar>;
  /** Undefined where it accepts more than can be looked up. */
  readonly lookup: Lookup | undefined;
  /** It may see a difference between a number's text and its double. */
  readonly usesNumbers: boolean;
  /** Steps that it takes to test a short value. */
  readonly cost: number;
  private readonly texts: ReadonlySet<string>;
  private readonly tests: readonly Test[];

  constructor(
    readonly path: string,
    /** The list as it is written, for messages. */
    readonly written: string,
    matchers: readonly Matcher[],
  ) {
    this.keys = new PathKeys(path);
    this.acceptsAbsence = matchers.some(({ kind }) => kind === 'absent');
    const values = matchers.flatMap((one) => (one.kind === 'value' ? [one.value] : []));
    this.values = new Set(values.filter((value) => !(value instanceof ExactNumber)));
    this.texts = new Set(values.flatMap((value) => (value instanceof ExactNumber ? [value.text] : [])));
    this.tests = matchers.flatMap((one) => (one.kind === 'test' ? [one.test] : []));
    this.cost = matchers.reduce((sum, one) => sum + (one.kind === 'test' ? one.cost : 0), 1);
    this.lookup = lookupOf(matchers);
    this.usesNumbers =
      values.some((value) => typeof value === 'number' || value instanceof ExactNumber) ||
      matchers.some((one) => one.kind === 'test' && one.usesNumbers);
  }

  /** Whether it accepts nothing but strings that are written out: then an event's value can be looked up. */
  get isLiteral(): boolean {
    if (this.acceptsAbsence || this.tests.length > 0) return false;
    return this.texts.size === 0 && [...this.values].every((value) => typeof value === 'string');
  }

  /** Steps that it takes to test a value. */
  costOf(value: Scalar): number {
    return typeof value === 'string' ? this.cost * (1 + (value.length >> 5)) : this.cost;
  }

  accepts(value: Scalar): boolean {
    if (this.values.has(value)) return true;
    if (value instanceof ExactNumber && this.texts.has(value.text)) return true;
    for (const passes of this.tests) if (passes(value)) return true;
    return false;
  }
}

const lookupOf = (matchers: readonly Matcher[]): Lookup | undefined => {
  const values: Scalar[] = [];
  const prefixes: string[] = [];
  for (const one of matchers) {
    if (one.kind === 'value' && !(one.value instanceof ExactNumber)) values.push(one.value);
    else if (one.kind === 'test' && one.prefix !== undefined) prefixes.push(one.prefix);
    else return undefined;
  }
  return { values, prefixes };
};
