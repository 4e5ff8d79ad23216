import { ExactNumber } from '@millrace/json';

/** An `ExactNumber`, and where it is: a JSON pointer. */
export interface Found {
  readonly pointer: string;
  readonly number: ExactNumber;
}

const isFolder = (value: unknown): value is object => typeof value === 'object' && value !== null;

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** The first `ExactNumber` in a value. */
export const findExact = (value: unknown, pointer = ''): Found | undefined => {
  if (value instanceof ExactNumber) return { pointer, number: value };
  if (!isFolder(value)) return undefined;
  for (const key of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[key];
    const found = isFolder(inner) ? findExact(inner, `${pointer}/${escaped(key)}`) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
};

/**
 * The value with a double in the place of each `ExactNumber`: a whole one for a whole one. Good for a schema that asks of
 * numbers no more than what kind they are.
 */
export const withDoubles = (value: unknown): unknown => {
  if (value instanceof ExactNumber) return isWhole(value.text) ? 1 : 0.5;
  if (Array.isArray(value)) return value.map(withDoubles);
  if (!isFolder(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withDoubles(inner)]));
};

const isWhole = (text: string): boolean => {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const significant = `${whole}${fraction}`.replace(/0+$/, '');
  // How many digits are behind the point once the exponent has moved it.
  return significant.length - whole.length - Number(exponent) <= 0;
};

/** Keywords by which the value of a number, and not its kind alone, decides. */
const COMPARING = new Set([
  ...['const', 'enum', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'uniqueItems'],
  'format',
]);

/** Whether a schema may look at what a number is. Where it says no, it asks for kinds alone. */
export const comparesNumbers = (schema: unknown): boolean => {
  if (!isFolder(schema)) return false;
  return Object.entries(schema).some(
    ([key, inner]) => (COMPARING.has(key) && !isAboutText(key, inner)) || comparesNumbers(inner),
  );
};

/** `enum: ["a"]`, `const: "a"`, and formats of text. */
const isAboutText = (key: string, value: unknown): boolean => {
  if (key === 'format') return !/^(u?int\d*|float|double)$/.test(String(value));
  const values = key === 'enum' && Array.isArray(value) ? value : [value];
  return (key === 'enum' || key === 'const') && values.every((one) => typeof one !== 'number' && !isFolder(one));
};
