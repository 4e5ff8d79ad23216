/**
 * What it costs to match an event of 300 bytes against 10 and 1,000 routes, in one process, in turns. The ratio is what
 * matters; it is the median of the rounds, with its range.
 *
 *   npm run bench:patterns [-- ROUNDS]
 */
import { PatternIndex, parsePattern } from '@millrace/patterns';

const ROUNDS = Number(process.argv[2] ?? 9);
const EVENTS = 50_000;
const TYPES = 10;

/** Routes that match on a type and a number in `data`, then routes of every operator that no event matches. */
const routes = (count) =>
  Array.from({ length: count }, (_, n) => {
    if (n < TYPES) return { type: [`order.${n}`], data: { amount: [{ numeric: ['>', 500] }] } };
    return [
      { type: [`other.${n}`], data: { amount: [{ numeric: ['>', n] }] } },
      { source: [`/other/${n}`], data: { amount: [n] } },
      { data: { customer: [{ prefix: `y${n}` }] } },
      { type: [{ prefix: `other.${n}.` }], subject: [{ exists: true }] },
      { data: { customer: [`c-${n}-none`], amount: [{ numeric: ['>', 10, '<=', 20] }] } },
      { type: [{ wildcard: `o*r.${n}.x` }] },
    ][n % 6];
  });

const event = (n) => {
  const head =
    `{"specversion":"1.0","id":"e-${String(n).padStart(9, '0')}","source":"/shop","type":"order.${n % TYPES}",` +
    `"time":"2026-01-31T12:00:00Z","data":{"amount":${n % 1000},"customer":"c-${n}","text":"`;
  return { type: `order.${n % TYPES}`, json: `${head}${'x'.repeat(300 - head.length - 3)}"}}` };
};

const events = Array.from({ length: EVENTS }, (_, n) => event(n));
const indexes = new Map(
  [10, 1000].map((count) => [
    count,
    new PatternIndex(routes(count).map((pattern, n) => ({ pattern: parsePattern(JSON.stringify(pattern)), value: n }))),
  ]),
);

/** CPU microseconds an event, and how many matched. */
const measure = (index) => {
  const before = process.cpuUsage();
  let matched = 0;
  for (const one of events) matched += index.match(one).length;
  const { user, system } = process.cpuUsage(before);
  return { micros: (user + system) / EVENTS, matched };
};

const rounds = [];
for (const index of indexes.values()) measure(index); // Code is compiled.
for (let round = 0; round < ROUNDS; round += 1) {
  const [few, many] = [10, 1000].map((count) => measure(indexes.get(count)));
  if (few.matched !== many.matched) throw new Error('10 and 1,000 routes do not agree');
  rounds.push({ few: few.micros, many: many.micros, ratio: many.micros / few.micros });
}
const spread = (name) => {
  const sorted = rounds.map((round) => round[name]).sort((a, b) => a - b);
  return { median: sorted[sorted.length >> 1], min: sorted[0], max: sorted.at(-1) };
};
const told = ({ median, min, max }) => `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
const few = spread('few');
process.stdout.write(
  [
    `10 routes on type and a number in data: ${told(few)} µs an event, ${Math.round(1e6 / few.median).toLocaleString('en')} events a second and core`,
    `1,000 routes of all operators:          ${told(spread('many'))} µs an event`,
    `ratio:                                  ${told(spread('ratio'))}`,
    '',
  ].join('\n'),
);
