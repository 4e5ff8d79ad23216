/**
 * A JSON number that a double does not hold, as it is written: `12345678901234567890`, `1e400`. It equals only the same
 * text. Nothing calculates with it and `JSON.stringify` does not take it, so that its digits cannot be lost by accident;
 * `writeJson` writes them as they are.
 */
export class ExactNumber {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }

  /** Throws a `TypeError`: as a number it would be another one. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.text;
    throw new TypeError(`${this.text} is a number that a double does not hold; nothing can be calculated with it`);
  }

  toJSON(): string {
    return written(this.text);
  }
}

/** `JSON.stringify` met an `ExactNumber`, of which it cannot write the digits: `writeJson` can. */
export class ExactNumberError extends TypeError {
  override readonly name = 'ExactNumberError';
}

let written = (text: string): string => {
  throw new ExactNumberError(`${text} is a number that a double does not hold, and cannot be made a string here`);
};

/** Runs `write` with each `ExactNumber` written as a string of what `mark` makes of its text. */
export const markedBy = (mark: (text: string) => string, write: () => string): string => {
  const before = written;
  written = mark;
  try {
    return write();
  } finally {
    written = before;
  }
};

/**
 * The value of a JSON number: a double if it holds just what is written, else its text. `300`, `300.0` and `3.0e2` are
 * one value; `12345678901234567890` and `1e400` are text.
 */
export const numberOf = (text: string): number | ExactNumber => {
  const value = Number(text);
  if (!Number.isFinite(value)) return new ExactNumber(text);
  // A double keeps any 15 digits.
  if (text.length <= 15 && !/[eE]/.test(text)) return value;
  return normal(text) === normal(String(value)) ? value : new ExactNumber(text);
};

/** One way to write a decimal: its digits without outer zeros, and the power of ten of the last one. */
const normal = (text: string): string => {
  const [mantissa = '', exponent = '0'] = text.replace(/^-/, '').toLowerCase().split('e');
  const sign = text.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const bare = digits.slice(0, lastDigit(digits) + 1);
  return bare === '' ? '0' : `${sign}${bare}e${Number(exponent) - fraction.length + digits.length - bare.length}`;
};

/** Of the last digit that is not 0. A regular expression for the zeros behind it looks at each run of zeros once for each of them. */
const lastDigit = (digits: string): number => {
  let at = digits.length - 1;
  while (digits.charCodeAt(at) === ZERO) at -= 1;
  return at;
};

const ZERO = 0x30;
