import { ExactNumber, parseJson as read, writeJson } from '@millrace/json';

/** Text that ought to be JSON: its value, or what is wrong with it in a sentence. */
export interface Parsed {
  readonly value?: unknown;
  readonly problem?: string;
}

export const readJson = (text: string): Parsed => {
  if (text.trim() === '') return { problem: 'Empty; expected JSON.' };
  try {
    return { value: read(text) };
  } catch (error) {
    return { problem: `Invalid JSON: ${(error as Error).message}` };
  }
};

/** JSON with line breaks; what is no JSON stays as it is. */
export const pretty = (text: string): string => {
  const { value, problem } = readJson(text);
  return problem === undefined ? written(value) : text;
};

const WIDTH = 60;
const STEP = '  ';

const isScalar = (value: unknown): value is null | string | number | boolean | undefined | ExactNumber =>
  typeof value !== 'object' || value === null || value instanceof ExactNumber;

/** On one line: `{ "numeric": [">=", 100] }`. */
const inline = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (isScalar(value)) return writeJson(value) ?? 'null';
  const members = Object.entries(value as object).map(([name, one]) => `${writeJson(name)}: ${inline(one)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
};

const broken = (value: unknown, indent: string): string => {
  const line = inline(value);
  const isFolder = !isScalar(value) && Object.keys(value as object).length > 0;
  if (!isFolder || (indent !== '' && indent.length + line.length <= WIDTH)) return line;
  const next = indent + STEP;
  const members = Array.isArray(value)
    ? value.map((one) => broken(one, next))
    : Object.entries(value as object).map(([name, one]) => `${writeJson(name)}: ${broken(one, next)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${next}${members.join(`,\n${next}`)}\n${indent}${close}`;
};

/** A value as JSON that people read: what fits on a line stays on it. */
export const written = (value: unknown): string => (value === undefined ? '' : broken(value, ''));
