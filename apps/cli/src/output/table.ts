import { Line, type Piece, paint } from './text.js';

const toLine = (cell: Piece): Line => (cell instanceof Line ? cell : Line.of(String(cell)));

/** A number, also one in a colour, or what stands where there is none. */
const isCount = (cell: Piece | undefined): boolean =>
  typeof cell === 'number' || cell === '-' || (cell instanceof Line && /^\d+$/.test(cell.plain));

/** Rows under a header, in columns as wide as they need to be; cut where they are wider than `columns`. */
export const tableOf = (
  header: readonly string[],
  rows: readonly (readonly Piece[])[],
  columns = Number.POSITIVE_INFINITY,
): Line[] => {
  const cells = [header.map((name) => paint('dim', name)), ...rows.map((row) => row.map(toLine))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.width ?? 0)));
  const isNumber = header.map((_, column) => rows.length > 0 && rows.every((row) => isCount(row[column])));
  return cells.map((row) => {
    const padded = row.map((cell, column) => cell.pad(widths[column] as number, isNumber[column] ? 'start' : 'end'));
    return Line.join(padded.flatMap((cell, column) => (column === 0 ? [cell] : ['  ', cell]))).cut(columns);
  });
};

/** Names and what they are, one under the other. */
export const listOf = (members: readonly (readonly [name: string, value: Piece])[]): Line[] => {
  const width = Math.max(...members.map(([name]) => name.length));
  return members.map(([name, value]) => Line.join([paint('dim', name.padEnd(width)), '  ', value]));
};
