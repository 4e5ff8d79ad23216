import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type PostgresServer, waitFor } from '@millrace/testkit';
import type { BenchCase } from './bench-case.js';
import { type Load, type LoadResult, percentile } from './load/load.js';
import type { Side, SideName } from './side.js';
import { type Usage, usageOf } from './usage.js';

/** What one run of one side gave. */
export interface Measurement {
  readonly side: SideName;
  readonly events: number;
  /** From the first request until the last event was settled everywhere. */
  readonly seconds: number;
  /** Microseconds of CPU an event, by process. */
  readonly cpu: Readonly<Record<string, number>>;
  /** Their sum, the load's own not in it. */
  readonly cpuTotal: number;
  /** Resident memory after the run in MiB, by process. */
  readonly rss: Readonly<Record<string, number>>;
  /** Milliseconds from when a request was due to its answer. */
  readonly http: { readonly p50: number; readonly p99: number };
  readonly refused: number;
}

const loadScript = fileURLToPath(new URL('./load/main.js', import.meta.url));
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
  postgres: PostgresServer | undefined,
): Promise<Measurement> => {
  const usage = () =>
    new Map([
      ...side.usage(),
      ...(postgres === undefined ? [] : [['postgres', usageOf(postgres.pid as number)] as const]),
    ]);
  const before = usage();
  const begin = performance.now();
  const result = await sendLoad({
    ...{ url: side.gatewayUrl, form: it.form, payload: it.payload, events, batch: it.batch },
    connections: it.connections,
    ...(it.perSecond === undefined ? {} : { perSecond: it.perSecond }),
    run: `${Date.now().toString(36)}-${++runs}`,
  });
  await waitFor(() => side.isDone(), { what: `${side.name} to be done with ${it.name}`, timeoutMs: 600_000 });
  const seconds = (performance.now() - begin) / 1000;
  const after = usage();
  const cpu = perEvent(before, after, events);
  return {
    side: side.name,
    events,
    seconds,
    cpu,
    cpuTotal: Object.values(cpu).reduce((sum, one) => sum + one, 0),
    rss: Object.fromEntries(Array.from(after, ([role, { rss }]) => [role, rss / 1024 / 1024])),
    http: { p50: percentile(result.latencies, 0.5), p99: percentile(result.latencies, 0.99) },
    refused: result.refused,
  };
};

const perEvent = (
  before: ReadonlyMap<string, Usage>,
  after: ReadonlyMap<string, Usage>,
  events: number,
): Record<string, number> =>
  Object.fromEntries(
    Array.from(after, ([role, { cpuMicros }]) => [role, (cpuMicros - (before.get(role)?.cpuMicros ?? 0)) / events]),
  );
