import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { waitFor } from '@millrace/testkit';
import type { BenchCase } from './bench-case.js';
import type { Database } from './database.js';
import { type Load, type LoadResult, percentile, WARM_UP } from './load/load.js';
import type { Side, SideName, SlowCall } from './side.js';
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
  /** The greatest resident memory in MiB, by process. */
  readonly rss: Readonly<Record<string, number>>;
  /** From when a request was due to its answer. */
  readonly http: Percentiles;
  /** From when a request was due to the commit of its row; only where events are sent at a rate. */
  readonly row?: Percentiles;
  /** Function calls that took over 5 ms. */
  readonly slowCalls: readonly SlowCall[];
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
  const name = `${Date.now().toString(36)}-${++runs}`;
  const load: Load = {
    url: side.gatewayUrl,
    form: it.form,
    payload: it.payload,
    events,
    batch: it.batch,
    connections: it.connections,
    ...(it.perSecond === undefined ? {} : { perSecond: it.perSecond }),
    run: name,
  };
  const isDone = () =>
    waitFor(() => side.isDone(), { what: `${side.name} to be done with ${it.name}`, timeoutMs: 600_000 });
  const watch = new Watch(side, database);
  let sent: LoadResult;
  if (it.isBacklog) {
    sent = await pileUp(side, load);
    watch.begin();
    await side.startSink();
  } else {
    watch.begin();
    sent = await sendLoad(load);
  }
  await isDone();
  const { seconds, cpu, rss } = watch.end(events);
  const isTimed = it.perSecond !== undefined;
  const row = isTimed ? await database?.latenciesOf(side.name, name, Math.floor(events * WARM_UP)) : undefined;
  return {
    side: side.name,
    events,
    seconds,
    cpu,
    rss,
    cpuTotal: Object.values(cpu).reduce((sum, one) => sum + one, 0),
    http: percentilesOf(sent.latencies),
    ...(row === undefined ? {} : { row: percentilesOf(row) }),
    slowCalls: await side.slowCalls(),
    refused: sent.refused,
  };
};

/** Sends everything while the sink is away, and waits until it is in the topics. */
const pileUp = async (side: Side, load: Load): Promise<LoadResult> => {
  await side.stopSink();
  const sent = await sendLoad(load);
  await waitFor(() => side.isRouted(), { what: `${side.name} to have routed all`, timeoutMs: 600_000 });
  return sent;
};

const WATCH_EVERY_MS = 250;

/** Watches what the processes of a side use. */
class Watch {
  private before: ReadonlyMap<string, Usage> = new Map();
  private beganAt = 0;
  private readonly rss: Record<string, number> = {};
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly side: Side,
    private readonly database: Database | undefined,
  ) {}

  begin(): void {
    this.before = this.usage();
    this.beganAt = performance.now();
    this.timer = setInterval(() => this.usage(), WATCH_EVERY_MS);
  }

  /** Seconds since it began, CPU time an event since then, and the greatest memory that was seen, by process. */
  end(events: number): Pick<Measurement, 'seconds' | 'cpu' | 'rss'> {
    clearInterval(this.timer);
    const seconds = (performance.now() - this.beganAt) / 1000;
    return { seconds, cpu: perEvent(this.before, this.usage(), events), rss: this.rss };
  }

  private usage(): ReadonlyMap<string, Usage> {
    const { database } = this;
    const usage = new Map([
      ...this.side.usage(),
      ...(database === undefined ? [] : [['postgres', usageOf(database.pid)] as const]),
    ]);
    for (const [role, { rss }] of usage) this.rss[role] = Math.max(this.rss[role] ?? 0, rss / 1024 / 1024);
    return usage;
  }
}

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
