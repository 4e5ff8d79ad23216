import { cpus, release } from 'node:os';
import type { Measurement } from '../measure.js';
import type { HopResult } from '../peers/peers.js';
import type { CaseResult } from '../run-case.js';
import { type Spread, spreadOf } from './spread.js';

/** What the figures were taken on. */
export const machine = (redisVersion: string): string => {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim()}, Linux ${release()}, Node ${process.version}, Redis ${redisVersion}`;
};

/** Ratios of the rounds of a case: the product's figure over the floor's in the same round. */
export const ratios = ({ rounds }: CaseResult, of: (measured: Measurement) => number): Spread =>
  spreadOf(rounds.map(({ millrace, floor }) => of(millrace) / of(floor)));

const median = (result: CaseResult, side: 'millrace' | 'floor', of: (measured: Measurement) => number): number =>
  spreadOf(result.rounds.map((round) => of(round[side]))).median;

const number = (value: number, digits = 1): string => value.toFixed(digits);
const rate = (value: number): string => Math.round(value).toLocaleString('en');

const byProcess = (result: CaseResult, side: 'millrace' | 'floor'): string => {
  const roles = Object.keys(result.rounds[0]?.[side].cpu ?? {});
  return roles.map((role) => `${role} ${number(median(result, side, ({ cpu }) => cpu[role] ?? 0))}`).join(', ');
};

const largest = (result: CaseResult): string => {
  const services = ['gateway', 'router', 'sink'];
  const sizes = result.rounds.flatMap(({ millrace }) => services.map((role) => millrace.rss[role] ?? 0));
  return number(Math.max(...sizes), 0);
};

const row = (result: CaseResult): string => {
  const { it } = result;
  const cpu = ratios(result, ({ cpuTotal }) => cpuTotal);
  const perSecond = ({ events, seconds }: Measurement) => events / seconds;
  return [
    it.name,
    it.about + (it.aof ? ', AOF every second' : ''),
    `**${number(cpu.median, 2)}** (${number(cpu.min, 2)}–${number(cpu.max, 2)})`,
    it.target === undefined ? '' : `≤ ${it.target}`,
    `${number(median(result, 'millrace', ({ cpuTotal }) => cpuTotal))} / ${number(median(result, 'floor', ({ cpuTotal }) => cpuTotal))}`,
    `${rate(median(result, 'millrace', perSecond))} / ${rate(median(result, 'floor', perSecond))}`,
    largest(result),
  ].join(' | ');
};

const latencies = (result: CaseResult): string[] => {
  if (result.it.perSecond === undefined) return [];
  const of = (side: 'millrace' | 'floor', pick: (measured: Measurement) => number | undefined) =>
    number(
      median(result, side, (measured) => pick(measured) ?? Number.NaN),
      2,
    );
  const line = (
    what: string,
    p50: (m: Measurement) => number | undefined,
    p99: (m: Measurement) => number | undefined,
  ) => `| ${what} | ${of('millrace', p50)} / ${of('floor', p50)} | ${of('millrace', p99)} / ${of('floor', p99)} |`;
  return [
    '',
    `Latency at ${result.it.perSecond} requests a second, sent when they are due, in ms: Millrace / floor`,
    '',
    '| from when the request was due until | p50 | p99 |',
    '|---|---|---|',
    line(
      'its answer',
      ({ http }) => http.p50,
      ({ http }) => http.p99,
    ),
    line(
      'its row is committed',
      ({ row: r }) => r?.p50,
      ({ row: r }) => r?.p99,
    ),
  ];
};

const slowCalls = (results: readonly CaseResult[]): string[] => {
  const lines = results.flatMap(({ it, rounds }) => {
    const calls = rounds.flatMap(({ millrace }) => millrace.slowCalls);
    const names = [...new Set(calls.map(({ name }) => name))];
    const told = names.map((name) => {
      const times = calls.filter((call) => call.name === name).map(({ ms }) => ms);
      return `${name} ${times.length}, the longest ${number(Math.max(...times))} ms`;
    });
    return told.length === 0 ? [] : [`- ${it.name}: ${told.join('; ')}`];
  });
  if (lines.length === 0) return ['No Function call took over 5 ms.'];
  return [
    'Function calls that took over 5 ms by the clock, by which Redis also waits for a processor that others have:',
    '',
    ...lines,
  ];
};

const hops = (results: readonly HopResult[]): string[] => {
  const [ours] = results;
  if (ours === undefined) return [];
  return [
    '',
    'One hop, no work, events of 300 bytes, on a disk log: CPU microseconds an event',
    '',
    '| | Node | server | sum | over Millrace | events/s | lost |',
    '|---|---|---|---|---|---|---|',
    ...results.map(
      ({ name, node, server, perSecond, lost }) =>
        `| ${name} | ${number(node)} | ${number(server)} | ${number(node + server)} | ` +
        `${number((node + server) / (ours.node + ours.server))} | ${rate(perSecond)} | ${lost} |`,
    ),
  ];
};

/** The results as Markdown. */
export const markdownOf = (results: readonly CaseResult[], peers: readonly HopResult[], on: string): string =>
  [
    `Measured on ${on}. CPU time is that of all processes together, the load's own not counted; ratios are of Millrace`,
    'over the floor in the same round, as median and range.',
    '',
    '| case | what | CPU ratio | target | CPU µs an event, Millrace / floor | events/s, Millrace / floor | largest service, MiB |',
    '|---|---|---|---|---|---|---|',
    ...results.map((result) => `| ${row(result)} |`),
    ...results.flatMap(latencies),
    ...hops(peers),
    '',
    ...slowCalls(results),
    '',
    'By process, CPU µs an event:',
    '',
    ...results.flatMap((result) => [
      `- ${result.it.name}: Millrace ${byProcess(result, 'millrace')}; floor ${byProcess(result, 'floor')}`,
    ]),
    '',
  ].join('\n');
