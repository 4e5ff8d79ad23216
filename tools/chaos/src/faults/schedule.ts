import { Random } from '@millrace/testkit';

/** The services that are made to suffer. */
export const SERVICES = ['gateway', 'router', 'sink-postgres', 'sink-webhook', 'sink-timeseries', 'witness'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** What is done to whom. */
export type Fault =
  | { readonly kind: 'kill' | 'terminate'; readonly target: ServiceName }
  /** SIGSTOP, and SIGCONT after so many milliseconds. */
  | { readonly kind: 'pause'; readonly target: ServiceName; readonly ms: number }
  /** Its connections to Redis are cut, or nothing goes through them for so long. */
  | { readonly kind: 'cut'; readonly target: ServiceName }
  | { readonly kind: 'stall'; readonly target: ServiceName; readonly ms: number }
  /** SIGKILL, and a start after so many milliseconds. */
  | { readonly kind: 'kill'; readonly target: 'redis'; readonly ms: number }
  | { readonly kind: 'kill'; readonly target: 'postgres'; readonly ms: number }
  | { readonly kind: 'cut'; readonly target: 'postgres' }
  | { readonly kind: 'stall'; readonly target: 'postgres'; readonly ms: number }
  /** `maxmemory` is what Redis uses now. `restart`: and every service is killed and starts on a Redis that is full. */
  | { readonly kind: 'fill' | 'restart'; readonly target: 'redis'; readonly ms: number }
  /** Its wall clock is so many milliseconds ahead (or behind), and right again after a while. */
  | { readonly kind: 'clock'; readonly target: ServiceName; readonly ms: number; readonly byMs: number }
  /** Entries that are none of ours appear in the streams. */
  | { readonly kind: 'intrude'; readonly target: 'streams' }
  | { readonly kind: 'slow' | 'fail'; readonly target: 'receiver'; readonly ms: number };

/** A fault and when it happens, in milliseconds from the start. */
export interface ScheduledFault {
  readonly atMs: number;
  readonly fault: Fault;
}

/** How long a consumer may be silent; a pause is longer. */
export const CLAIM_AFTER_MS = 1500;

const FIRST_MS = 2000;
const GAP_MS = [1500, 5500] as const;

const KINDS: readonly ((random: Random) => Fault)[] = [
  (random) => ({ kind: 'kill', target: random.pick(SERVICES) }),
  (random) => ({ kind: 'kill', target: random.pick(SERVICES) }),
  (random) => ({ kind: 'terminate', target: random.pick(SERVICES) }),
  (random) => ({ kind: 'pause', target: random.pick(SERVICES), ms: random.between(2000, 4000) }),
  (random) => ({ kind: 'pause', target: random.pick(SERVICES), ms: random.between(2000, 4000) }),
  (random) => ({ kind: 'cut', target: random.pick(SERVICES) }),
  (random) => ({ kind: 'stall', target: random.pick(SERVICES), ms: random.between(1000, 4000) }),
  (random) => ({ kind: 'kill', target: 'redis', ms: random.between(100, 2000) }),
  (random) => ({ kind: 'kill', target: 'postgres', ms: random.between(100, 1500) }),
  () => ({ kind: 'cut', target: 'postgres' }),
  (random) => ({ kind: 'stall', target: 'postgres', ms: random.between(1000, 4000) }),
  (random) => ({ kind: 'fill', target: 'redis', ms: random.between(1000, 4000) }),
  (random) => ({ kind: 'restart', target: 'redis', ms: random.between(3000, 6000) }),
  (random) => ({
    kind: 'clock',
    target: random.pick(SERVICES),
    ms: random.between(4000, 8000),
    // Less than five minutes: whoever checks a webhook refuses it beyond that.
    byMs: random.pick([-1, 1]) * random.between(30_000, 240_000),
  }),
  () => ({ kind: 'intrude', target: 'streams' }),
  (random) => ({ kind: random.pick(['slow', 'fail'] as const), target: 'receiver', ms: random.between(2000, 6000) }),
];

/**
 * The faults of a run, by its seed: every kind comes once before any comes again. Pure: the same seed and length give the
 * same schedule.
 */
export const scheduleOf = (seed: number, lengthMs: number): ScheduledFault[] => {
  const random = new Random(seed);
  const schedule: ScheduledFault[] = [];
  let left: (typeof KINDS)[number][] = [];
  for (let atMs = FIRST_MS; atMs < lengthMs; atMs += random.between(...GAP_MS)) {
    if (left.length === 0) left = [...KINDS];
    const [make] = left.splice(random.between(0, left.length - 1), 1);
    schedule.push({ atMs, fault: (make as (typeof KINDS)[number])(random) });
  }
  return schedule;
};
