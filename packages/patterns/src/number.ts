/** A number that a double cannot hold, as it is written. It equals only the same text. */
export class InexactNumber {
  constructor(readonly text: string) {}
}

/**
 * The value of a JSON number: a double if it holds just what is written, else its text. `300`, `300.0` and `3.0e2` are
 * one value; `12345678901234567890` and `1e400` are text.
 */
export const numberOf = (text: string): number | InexactNumber => {
  const value = Number(text);
  if (!Number.isFinite(value)) return new InexactNumber(text);
  // A double keeps any 15 digits.
  if (text.length <= 15 && !/[eE]/.test(text)) return value;
  return normal(text) === normal(String(value)) ? value : new InexactNumber(text);
};

/** One way to write a decimal: its digits without outer zeros, and the power of ten of the last one. */
const normal = (text: string): string => {
  const [mantissa = '', exponent = '0'] = text.replace(/^-/, '').toLowerCase().split('e');
  const sign = text.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const bare = digits.replace(/0+$/, '');
  return bare === '' ? '0' : `${sign}${bare}e${Number(exponent) - fraction.length + digits.length - bare.length}`;
};
