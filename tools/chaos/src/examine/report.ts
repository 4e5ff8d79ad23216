import type { Result } from '../run.js';

const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd();
  return rows.map(line).join('\n');
};

/** A run as tables for people: faults by kind, and findings. */
export const reportOf = ({ seed, faults, sent, findings, stalls, logs }: Result, command: string): string => {
  const counts = new Map<string, number>();
  for (const { kind, target } of faults) counts.set(`${kind} ${target}`, (counts.get(`${kind} ${target}`) ?? 0) + 1);
  const answers = Object.entries(sent.answers).map(
    ([status, count]) => `${count} x ${status === '0' ? 'none' : status}`,
  );
  const longest = Object.entries(stalls).map(([group, { ms }]) => `${group} ${(ms / 1000).toFixed(1)} s`);
  const wrong = findings.filter(({ ok }) => !ok);
  return [
    '',
    table([['fault', 'times'], ...[...counts].sort().map(([name, count]) => [name, String(count)])]),
    '',
    `  ${faults.length} faults; ${sent.accepted} events accepted; answers: ${answers.join(', ')}`,
    `  longest without progress though nothing kept it from work: ${longest.sort().join(', ')}`,
    '',
    table([
      ['check', 'expected', 'found', ''],
      ...findings.map(({ check, expected, found, ok }) => [check, expected, found, ok ? 'ok' : 'WRONG']),
    ]),
    '',
    ...wrong.flatMap(({ check, examples }) => examples.map((example) => `  ${check}: ${example}`)),
    `  ${wrong.length === 0 ? 'nothing lost, nothing duplicated, nothing left behind' : `${wrong.length} findings`}; seed ${seed}`,
    `  again: ${command}`,
    ...(logs === undefined ? [] : [`  the services' logs: ${logs}`]),
    '',
  ].join('\n');
};
