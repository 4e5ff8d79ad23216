import { diffArrays } from 'diff';

/** A line of two texts side by side. */
export interface DiffLine {
  readonly kind: 'same' | 'less' | 'more';
  readonly text: string;
}

/** What has to go and to come to make one text the other, line by line; the fewest lines that do it. */
export const lineDiff = (before: string, after: string): DiffLine[] =>
  diffArrays(linesOf(before), linesOf(after)).flatMap(({ value, added, removed }) =>
    value.map((text): DiffLine => ({ kind: added ? 'more' : removed ? 'less' : 'same', text })),
  );

const linesOf = (text: string): string[] => (text === '' ? [] : text.split('\n'));
