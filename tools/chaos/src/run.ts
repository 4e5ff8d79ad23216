import { setTimeout as pause } from 'node:timers/promises';
import { RedisTransport } from '@millrace/streams/redis';
import { waitFor } from '@millrace/testkit';
import { type Backlog, backlogs, unfinished } from './examine/backlog.js';
import { examine, type Finding } from './examine/findings.js';
import { StallWatch } from './examine/stall-watch.js';
import type { Stall } from './examine/stalls.js';
import { TopicLog } from './examine/topic-log.js';
import { WallClock } from './faults/clocks.js';
import { Inflictor } from './faults/inflict.js';
import { Intruder } from './faults/intruder.js';
import { type Fault, scheduleOf } from './faults/schedule.js';
import { TOPICS } from './load/numbered-event.js';
import { Producer } from './load/producer.js';
import { Stack } from './stack.js';

/** How to run. */
export interface RunOptions {
  readonly seed: number;
  readonly lengthMs: number;
  /** On a Redis Cluster. */
  readonly onCluster?: boolean;
  /** The folder of another version, built: a second process of every service is of it. */
  readonly beside?: string | undefined;
  readonly signal: AbortSignal;
  /** Told what happens. */
  readonly tell: (what: string) => void;
}

/** What came of a run. */
export interface Result {
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly sent: { readonly accepted: number; readonly answers: Readonly<Record<number, number>> };
  readonly findings: readonly Finding[];
  /** The longest that each group stood still although nothing kept it from its work. */
  readonly stalls: Readonly<Record<string, Stall>>;
  /** Where the services' logs are, if something is wrong. */
  readonly logs: string | undefined;
}

const DONE_WITHIN_MS = 180_000;

/** Runs the pipeline under faults, and looks where everything is. Rejects where it cannot be started. */
export const runChaos = async (options: RunOptions): Promise<Result> => {
  const { seed, onCluster = false, beside, tell } = options;
  const stack = await Stack.start(onCluster, beside);
  tell(`${stack.workers.length} services are ready, on ${stack.store.name} and Postgres ${stack.postgres.version}`);
  if (!WallClock.canBeSet) tell('clocks are left alone: there is no libfaketime');
  const transport = new RedisTransport({ url: stack.store.url });
  const logOf = (topic: string) => new TopicLog(transport, topic, stack.store.takesBack);
  const logs = { orders: logOf('topic:orders'), readings: logOf('topic:readings') };
  const intruder = new Intruder(transport);
  const producer = new Producer({
    urls: stack.gateways,
    seed,
    // Versions before 0.2 take rows that Postgres refuses for an outage, and stand still.
    ...(beside === undefined ? {} : { without: ['forbidden', 'slow'] }),
  });
  const inflictor = new Inflictor(stack, intruder);
  const watch = new StallWatch(stack, inflictor, transport);
  let ok = false;
  try {
    const sending = new AbortController();
    const watching = new AbortController();
    const watched = watch.run(watching.signal);
    const sent = producer.run(sending.signal);
    const faults = await suffer(inflictor, options);
    sending.abort();
    await sent;
    tell(`all ${producer.accepted.size} events were accepted; waiting until every group is done`);
    const left = await untilDone(transport);
    watching.abort();
    await watched;
    await Promise.all(stack.workers.map((worker) => worker.ready()));
    await stack.stopServices();
    await Promise.all([logs.orders.complete(), logs.readings.complete()]);
    const findings = await examine({ stack, producer, transport, logs, intruder, left, stalls: watch.stalls });
    ok = findings.every((one) => one.ok);
    return {
      seed,
      faults,
      sent: { accepted: producer.accepted.size, answers: Object.fromEntries(producer.answers) },
      findings,
      stalls: Object.fromEntries(watch.stalls.longest),
      logs: ok ? undefined : stack.folder,
    };
  } finally {
    await Promise.all([logs.orders.stop(), logs.readings.stop()]);
    await transport.close();
    await stack.stop(!ok);
  }
};

/** Inflicts the schedule; resolves with its faults when all of them are over. */
const suffer = async (inflictor: Inflictor, { seed, lengthMs, signal, tell }: RunOptions): Promise<Fault[]> => {
  const began = Date.now();
  const faults: Fault[] = [];
  const broken: Error[] = [];
  const wait = (untilMs: number) =>
    pause(Math.max(0, began + untilMs - Date.now()), undefined, { signal }).catch(() => undefined);
  for (const { atMs, fault } of scheduleOf(seed, lengthMs)) {
    await wait(atMs);
    if (signal.aborted) break;
    const by = 'byMs' in fault ? ` by ${fault.byMs} ms` : '';
    tell(`${fault.kind} ${fault.target}${by}${'ms' in fault ? ` for ${fault.ms} ms` : ''}`);
    faults.push(fault);
    inflictor.inflict(fault).catch((error: Error) => broken.push(error));
  }
  await wait(lengthMs);
  await inflictor.over().catch((error: Error) => broken.push(error));
  if (broken[0] !== undefined) throw broken[0];
  return faults;
};

const untilDone = async (transport: RedisTransport): Promise<readonly Backlog[]> => {
  const redis = transport.connections.connect('backlog');
  let left: readonly Backlog[] = [];
  let handedOut = '';
  await waitFor(
    async () => {
      const all = await backlogs(transport, redis, TOPICS);
      left = unfinished(all);
      // What moved from one place to the next between two answers of one look shows in the second, or was handed out by then.
      const before = handedOut;
      handedOut = JSON.stringify(all.map((one) => one.handedOut));
      return left.length === 0 && handedOut === before;
    },
    { what: 'every group to be done', timeoutMs: DONE_WITHIN_MS, everyMs: 250 },
  ).catch(() => undefined); // What is left is a finding.
  return left;
};
