import type { CaseResult } from '../run-case.js';
import { ratios } from './report.js';
import { spreadOf } from './spread.js';

const ROLES = ['gateway', 'router', 'sink', 'redis', 'postgres'];
/** Told apart by people who do not tell red from green (Okabe and Ito). */
const COLOURS: Readonly<Record<string, string>> = {
  gateway: '#0072b2',
  router: '#56b4e9',
  sink: '#009e73',
  redis: '#d55e00',
  postgres: '#999999',
};
const LEFT = 130;
const WIDTH = 860;
const BAR = 14;
const GROUP = 46;

const text = (x: number, y: number, value: string, more = ''): string =>
  `<text x="${x}" y="${y}" font-family="sans-serif" font-size="12" fill="#777" ${more}>${value}</text>`;

/** Bars of the CPU time an event, by process: the product's above, the floor's below. */
export const chartOf = (results: readonly CaseResult[]): string => {
  const most = Math.max(
    ...results.flatMap(({ rounds }) => rounds.flatMap((r) => [r.millrace.cpuTotal, r.floor.cpuTotal])),
  );
  const scale = (WIDTH - LEFT - 150) / most;
  const bars = results.flatMap((result, index) => {
    const top = 40 + index * GROUP;
    const sides = (['millrace', 'floor'] as const).flatMap((side, at) => {
      let x = LEFT;
      const y = top + at * (BAR + 2);
      const pieces = ROLES.map((role) => {
        const micros = spreadOf(result.rounds.map((round) => round[side].cpu[role] ?? 0)).median;
        const piece = `<rect x="${x.toFixed(1)}" y="${y}" width="${(micros * scale).toFixed(1)}" height="${BAR}" fill="${COLOURS[role]}"${side === 'floor' ? ' opacity="0.55"' : ''}/>`;
        x += micros * scale;
        return piece;
      });
      const total = spreadOf(result.rounds.map((round) => round[side].cpuTotal)).median;
      return [...pieces, text(x + 6, y + 11, `${total.toFixed(1)} µs ${side === 'floor' ? 'floor' : ''}`)];
    });
    const ratio = ratios(result, ({ cpuTotal }) => cpuTotal).median.toFixed(2);
    return [
      text(8, top + 18, result.it.name),
      text(WIDTH - 50, top + 18, `× ${ratio}`, 'font-weight="bold"'),
      ...sides,
    ];
  });
  const legend = ROLES.flatMap((role, at) => [
    `<rect x="${LEFT + at * 110}" y="12" width="12" height="12" fill="${COLOURS[role]}"/>`,
    text(LEFT + at * 110 + 17, 22, role),
  ]);
  const height = 50 + results.length * GROUP;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    '<title>CPU microseconds an event, by process: Millrace above, the bare floor below</title>',
    ...legend,
    ...bars,
    '</svg>',
    '',
  ].join('\n');
};
