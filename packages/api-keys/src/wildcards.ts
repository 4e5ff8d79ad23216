import { matchesWildcard, parseWildcard, type Wildcard } from '@millrace/patterns';

/** Texts in which `*` is any run of characters, parsed; what is wrong with one as a string. */
export const parseWildcards = (texts: readonly string[]): readonly Wildcard[] | string => {
  const all: Wildcard[] = [];
  for (const text of texts) {
    const parsed = parseWildcard(text);
    if (typeof parsed === 'string') return `"${text.slice(0, 100)}" has ${parsed}`;
    all.push(parsed);
  }
  return all;
};

export const matchesAny = (wildcards: readonly Wildcard[], text: string): boolean =>
  wildcards.some((one) => matchesWildcard(one, text));
