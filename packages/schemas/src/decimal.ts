/** Whether a number is a whole multiple of another as both are written in decimals: 19.99 of 0.01, which doubles are not. */
export const isMultiple = (value: number, divisor: number): boolean => {
  const [digits, power] = decimalOf(value);
  const [divisorDigits, divisorPower] = decimalOf(divisor);
  const least = Math.min(power, divisorPower);
  return scaled(digits, power - least) % scaled(divisorDigits, divisorPower - least) === 0n;
};

/** A double as a whole number and a power of ten: its shortest text, which is the one that was sent. */
const decimalOf = (value: number): [digits: bigint, power: number] => {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return [BigInt(`${whole}${fraction}`), Number(exponent) - fraction.length];
};

// A double has at most 309 digits before the point and 324 zeros behind it.
const scaled = (digits: bigint, power: number): bigint => digits * 10n ** BigInt(power);
