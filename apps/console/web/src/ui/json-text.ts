/** Text that ought to be JSON: its value, or what is wrong with it in a sentence. */
export interface Parsed {
  readonly value?: unknown;
  readonly problem?: string;
}

export const parseJson = (text: string): Parsed => {
  if (text.trim() === '') return { problem: 'There is nothing here; it takes JSON.' };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: `This is no JSON: ${(error as Error).message}` };
  }
};

/** JSON with line breaks; what is no JSON stays as it is. */
export const pretty = (text: string): string => {
  const { value, problem } = parseJson(text);
  return problem === undefined ? written(value) : text;
};

const WIDTH = 60;
const STEP = '  ';

/** On one line: `{ "numeric": [">=", 100] }`. */
const inline = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${inline(one)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
};

const broken = (value: unknown, indent: string): string => {
  const line = inline(value);
  const isFolder = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  if (!isFolder || (indent !== '' && indent.length + line.length <= WIDTH)) return line;
  const next = indent + STEP;
  const members = Array.isArray(value)
    ? value.map((one) => broken(one, next))
    : Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${broken(one, next)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${next}${members.join(`,\n${next}`)}\n${indent}${close}`;
};

/** A value as JSON that people read: what fits on a line stays on it. */
export const written = (value: unknown): string => (value === undefined ? '' : broken(value, ''));
