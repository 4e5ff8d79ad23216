/** A pattern that is not valid: where, and what was expected there. */
export class PatternError extends Error {
  override readonly name = 'PatternError';

  constructor(
    /** Dotted path of the field or operator, `$or` and list places included: `data.amount[0].numeric`. Empty: the whole. */
    readonly path: string,
    /** What is accepted there. */
    readonly expected: string,
    found: string,
  ) {
    super(`${path === '' ? 'the pattern' : path}: ${found}; expected ${expected}`);
  }
}
