import type { Figure } from './measure.js';

const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);

const COLUMNS: readonly (readonly [name: string, of: (figure: Figure) => string])[] = [
  ['key', ({ key }) => key],
  ['request', ({ name }) => name],
  ['process', ({ process }) => process],
  ['sent MiB', ({ sent }) => mib(sent)],
  ['status', ({ status }) => (status === 0 ? '' : String(status))],
  ['CPU ms', ({ cpuMs }) => cpuMs.toFixed(0)],
  ['pause ms', ({ pausedMs }) => pausedMs.toFixed(0)],
  ['memory MiB', ({ memory }) => mib(memory)],
  ['answer MiB', ({ bytes }) => mib(bytes)],
];

/** Figures as a table for people, the costliest of each class first. */
export const tableOf = (figures: readonly Figure[]): string => {
  const sorted = [...figures].sort((a, b) => a.key.localeCompare(b.key) || b.cpuMs - a.cpuMs);
  const rows = [COLUMNS.map(([name]) => name), ...sorted.map((figure) => COLUMNS.map(([, of]) => of(figure)))];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, n) => cell.padEnd(widths[n] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
