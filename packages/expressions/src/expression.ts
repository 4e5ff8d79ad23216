import { ExactNumber, numberOf } from '@millrace/json';
import jsonata from 'jsonata';
import { RegexEngine } from './linear-reg-exp.js';

/** A compiled expression of JSONata. */
export interface Expression {
  /**
   * What it gives for a value as `parseJson` reads it; undefined for nothing. A number that a double does not hold can be
   * passed on and be compared with `=`; whoever calculates with it, or makes it a string, gets an error. Rejects with an
   * `ExpressionError`.
   */
  evaluate(value: unknown): Promise<unknown>;
}

/** An expression that cannot be compiled, or that failed on a value. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';

  constructor(
    message: string,
    /** The character of the expression at which it failed, where that is known. */
    readonly position: number | undefined,
    /** It was stopped because it took too long. */
    readonly isOverdue: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Depth of calls, and members of a list, that no honest expression needs. */
const LIMITS = { stack: 500, sequence: 100_000 };
/** To compile so many takes a tenth of a second, in which the process does nothing else. */
const MOST_CHARACTERS = 65_536;
/** JSONata's word for an evaluation that took too long. */
const TIMED_OUT = 'D1012';

/** Compiles an expression; an evaluation may take `timeoutMs`. Throws an `ExpressionError`. */
export const compileExpression = (text: string, timeoutMs: number): Expression => {
  const compiled = compile(text, timeoutMs);
  return {
    evaluate: async (value) => {
      try {
        const result: unknown = await compiled.evaluate(value);
        refuseInexactResult(result, () => numbersIn([value, compiled.ast()]));
        return result;
      } catch (error) {
        throw failure(error, exactIn(value));
      }
    },
  };
};

const compile = (text: string, timeout: number): jsonata.Expression => {
  if (text.length > MOST_CHARACTERS) {
    const message = `the expression has ${text.length} characters; the limit is ${MOST_CHARACTERS}`;
    throw new ExpressionError(message, undefined, false);
  }
  try {
    const compiled = jsonata(text, { ...LIMITS, timeout, RegexEngine: RegexEngine as unknown as RegExpConstructor });
    refuseInexact(compiled.ast(), text);
    return compiled;
  } catch (error) {
    throw failure(error);
  }
};

const failure = (error: unknown, exact?: ExactNumber): ExpressionError => {
  if (error instanceof ExpressionError) return error;
  const { message = String(error), position, code } = error as { message?: string; position?: number; code?: string };
  const isOverdue = code === TIMED_OUT;
  const hint =
    exact === undefined || isOverdue ? '' : ` (${exact}, which no double holds, can be passed on, and no more)`;
  return new ExpressionError(`${message}${hint}`, position, isOverdue, { cause: error });
};

/** A number of the value that a double does not hold; it may be why an expression failed. */
const exactIn = (value: unknown): ExactNumber | undefined => {
  for (const one of partsOf(value)) if (one instanceof ExactNumber) return one;
  return undefined;
};

/**
 * A value and all that is in it, each object once: results may have one in many places, an event may be deeper than calls
 * may be.
 */
const partsOf = function* (value: unknown): Generator<unknown, void> {
  const seen = new Set<object>();
  const left = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === 'object' && one !== null) {
      if (seen.has(one)) continue;
      seen.add(one);
      if (!(one instanceof ExactNumber)) for (const inner of innerOf(one)) left.push(inner);
    }
    yield one;
  }
};

/** JSONata's lists have properties of its own beside their members. */
const innerOf = (value: object): readonly unknown[] => (Array.isArray(value) ? value : Object.values(value));

/**
 * Refuses what JSON does not have, and what may have been rounded: beyond 2^53 only a number that was there already, in the
 * value or the expression, is sure not to be.
 */
const refuseInexactResult = (result: unknown, given: () => ReadonlySet<number>): void => {
  const large = new Set<number>();
  for (const one of partsOf(result)) {
    if (isFunction(one)) throw refused('a function, which JSON does not have');
    if (typeof one !== 'number' || Math.abs(one) <= Number.MAX_SAFE_INTEGER) continue;
    if (!Number.isFinite(one)) throw refused(`${one}, which JSON does not have`);
    large.add(one);
  }
  if (large.size === 0) return;
  const known = given();
  const rounded = [...large].find((one) => !known.has(one));
  if (rounded !== undefined) throw refused(`${rounded}, which the arithmetic of doubles may have rounded`);
};

const refused = (what: string): ExpressionError => new ExpressionError(`the result has ${what}`, undefined, false);

/** JSONata has its own in objects. */
const isFunction = (value: unknown): boolean =>
  typeof value === 'function' ||
  (typeof value === 'object' && value !== null && ('_jsonata_lambda' in value || '_jsonata_function' in value));

const numbersIn = (value: unknown): Set<number> => {
  const found = new Set<number>();
  for (const one of partsOf(value)) if (typeof one === 'number') found.add(one);
  return found;
};

/** The number that ends there, as it is written. */
const numberBefore = (text: string, end: number): string => {
  let start = end;
  // Step by step: to look for it from the beginning takes as long as the text is, for each number of it.
  while (start > 0 && (/[\d.eE]/.test(text[start - 1] as string) || /[eE][-+]/.test(text.slice(start - 2, start))))
    start -= 1;
  return NUMBER_AT_END.exec(text.slice(start, end))?.[0] ?? '0';
};

const NUMBER_AT_END = /\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/** JSONata calculates with doubles: a number of the expression that is none would silently be another one. */
const refuseInexact = (node: unknown, text: string): void => {
  if (typeof node !== 'object' || node === null) return;
  const { type, position } = node as { type?: unknown; position?: unknown };
  if (type === 'number' && typeof position === 'number') {
    const written = numberBefore(text, position);
    if (numberOf(written) instanceof ExactNumber) {
      throw new ExpressionError(`${written} is a number that a double does not hold`, position, false);
    }
  }
  for (const inner of Object.values(node)) refuseInexact(inner, text);
};
