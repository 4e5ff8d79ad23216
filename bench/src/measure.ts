import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { waitFor } from '@millrace/testkit';
import type { BenchCase } from './bench-case.js';
import type { Database } from './database.js';
import { type Load, type LoadResult, percentile, WARM_UP } from './load/load.js';
import type { Side, SideName } from './side.js';
import { type Usage, usageOf } from './usage.js';

/** Milliseconds that half, and all but one in a hundred, did not exceed. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** What one run of one side gave. */
export interface Measurement {
  readonly side: SideName;
  readonly events: number;
  /** From the first request until the last event was settled everywhere. */
  readonly seconds: number;
  /** Microseconds of CPU an event, by process; the load's own is not in it. */
  readonly cpu: Readonly<Record<string, number>>;
  /** Their sum. */
  readonly cpuTotal: number;
  /** Resident memory after the run in MiB, by process. */
  readonly rss: Readonly<Record<string, number>>;
  /** From when a request was due to its answer. */
  readonly http: Percentiles;
  /** From when a request was due to the commit of its row; only where events are sent at a rate. */
  readonly row?: Percentiles;
  /** Answers of 429 and 503, which were sent again. */
  readonly refused: number;
}

const loadScript = fileURLToPath(new URL('../dist/load/main.js', import.meta.url));
const run = promisify(execFile);

const sendLoad = async (load: Load): Promise<LoadResult> => {
  const { stdout } = await run(process.execPath, [loadScript, JSON.stringify(load)], {
    maxBuffer: 1024 * 1024 * 1024,
  });
  return JSON.parse(stdout) as LoadResult;
};

let runs = 0;

/** Sends a case's load to a side, waits until all of it has arrived, and tells what that took. */
export const measure = async (
  side: Side,
  it: BenchCase,
  events: number,
  database: Database | undefined,
): Promise<Measurement> => {
  const usage = () =>
    new Map([...side.usage(), ...(database === undefined ? [] : [['postgres', usageOf(database.pid)] as const])]);
  const before = usage();
  const name = `${Date.now().toString(36)}-${++runs}`;
  const begin = performance.now();
  const { latencies, refused } = await sendLoad({
    ...{ url: side.gatewayUrl, form: it.form, payload: it.payload, events, batch: it.batch },
    connections: it.connections,
    ...(it.perSecond === undefined ? {} : { perSecond: it.perSecond }),
    run: name,
  });
  await waitFor(() => side.isDone(), { what: `${side.name} to be done with ${it.name}`, timeoutMs: 600_000 });
  const seconds = (performance.now() - begin) / 1000;
  const after = usage();
  const cpu = perEvent(before, after, events);
  const row =
    it.perSecond === undefined ? undefined : await database?.latenciesOf(side.name, name, Math.floor(events * WARM_UP));
  return {
    side: side.name,
    events,
    seconds,
    cpu,
    cpuTotal: Object.values(cpu).reduce((sum, one) => sum + one, 0),
    rss: Object.fromEntries(Array.from(after, ([role, { rss }]) => [role, rss / 1024 / 1024])),
    http: percentilesOf(latencies),
    ...(row === undefined ? {} : { row: percentilesOf(row) }),
    refused,
  };
};

const percentilesOf = (sorted: readonly number[]): Percentiles => ({
  p50: percentile(sorted, 0.5),
  p99: percentile(sorted, 0.99),
});

const perEvent = (
  before: ReadonlyMap<string, Usage>,
  after: ReadonlyMap<string, Usage>,
  events: number,
): Record<string, number> =>
  Object.fromEntries(
    Array.from(after, ([role, { cpuMicros }]) => [role, (cpuMicros - (before.get(role)?.cpuMicros ?? 0)) / events]),
  );
