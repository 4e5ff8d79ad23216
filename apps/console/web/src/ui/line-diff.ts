/** A line of two texts side by side. */
export interface DiffLine {
  readonly kind: 'same' | 'less' | 'more';
  readonly text: string;
}

/** What has to go and to come to make one text the other, line by line; the fewest lines that do it. */
export const lineDiff = (before: string, after: string): DiffLine[] => {
  const [a, b] = [linesOf(before), linesOf(after)];
  const longest = longestCommon(a, b);
  const at = (i: number, j: number): number => longest[i * (b.length + 1) + j] ?? 0;
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [old, fresh] = [a[i], b[j]];
    if (old !== undefined && old === fresh) {
      lines.push({ kind: 'same', text: old });
      i += 1;
      j += 1;
    } else if (old !== undefined && (fresh === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: 'less', text: old });
      i += 1;
    } else {
      lines.push({ kind: 'more', text: fresh ?? '' });
      j += 1;
    }
  }
  return lines;
};

const linesOf = (text: string): string[] => (text === '' ? [] : text.split('\n'));

/** For each pair of ends, how many lines their common part has. Texts are routes: some hundred lines at most. */
const longestCommon = (a: readonly string[], b: readonly string[]): Uint32Array => {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      table[i * width + j] =
        a[i] === b[j]
          ? (table[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(table[(i + 1) * width + j] ?? 0, table[i * width + j + 1] ?? 0);
    }
  }
  return table;
};
