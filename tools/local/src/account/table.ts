/** A cell: numbers stand right, with separators. */
export type Cell = string | number;

const show = (cell: Cell): string => (typeof cell === 'number' ? cell.toLocaleString('en-US') : cell);

/** Lines of a table with a head, its columns as wide as they have to be. */
export const table = (head: readonly string[], rows: readonly (readonly Cell[])[]): string[] => {
  const texts = [head, ...rows.map((row) => row.map(show))];
  const widths = head.map((_, column) => Math.max(...texts.map((row) => (row[column] ?? '').length)));
  const isNumber = head.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) =>
        isNumber[column] ? text.padStart(widths[column] as number) : text.padEnd(widths[column] as number),
      )
      .join('   ')
      .trimEnd();
  return [
    line(texts[0] as string[]),
    widths.map((width) => '─'.repeat(width)).join('───'),
    ...texts.slice(1).map(line),
  ];
};
