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

/** A value as JSON with line breaks; a list of scalars stays on its line where there is room. */
export const written = (value: unknown): string =>
  (JSON.stringify(value, null, 2) ?? '').replace(/\[\n\s+([^[\]{}]*?)\n\s*\]/g, (whole, inner: string) => {
    const line = `[${inner.replace(/\n\s+/g, ' ')}]`;
    return line.length <= 72 ? line : whole;
  });
