import { Random } from '@millrace/testkit';

/** What an event is for. */
export type EventKind =
  /** Goes to Postgres, to a webhook and to the witness, in the order of its key. */
  | 'order'
  /** Goes to Postgres and the time series. */
  | 'reading'
  /** An order that kills the witness. */
  | 'deadly'
  /** An order that Postgres can never store. */
  | 'unstorable'
  /** An order that a row-level policy of Postgres refuses. */
  | 'forbidden'
  /** An order whose row takes Postgres longer than a statement may take. */
  | 'slow'
  /** An order of some hundred kilobytes. */
  | 'large'
  /** A reading without a value. */
  | 'unreadable';

/** An event of a run. */
export interface NumberedEvent {
  readonly n: number;
  readonly id: string;
  readonly kind: EventKind;
  readonly key: string;
  readonly json: string;
}

export const METRICS = ['m0', 'm1', 'm2'] as const;
export const SOURCE = 'chaos';
/** The streams that the routes feed. */
export const TOPICS = ['topic:orders', 'topic:readings'] as const;
const KEYS = 20;
/** Of so many events one is of that kind, on average. */
const ONE_IN = { deadly: 12_000, unstorable: 400, unreadable: 400, forbidden: 1000, slow: 20_000, large: 500 } as const;
/** The first of each kind, so that the shortest run has them all. */
const FIRST_AT = { deadly: 1000, unstorable: 200, unreadable: 300, forbidden: 400, slow: 500, large: 600 } as const;
const POISONED = Object.keys(FIRST_AT) as (keyof typeof FIRST_AT)[];
const LARGE_BYTES = 300_000;
// Years back: a sink of series takes no reading from the future.
const EPOCH_MS = 1_700_000_000_000;

const isReading = (kind: EventKind): boolean => kind === 'reading' || kind === 'unreadable';

/** Whether the event goes to the topic `readings`; all others go to `orders`. */
export const goesToReadings = ({ kind }: NumberedEvent): boolean => isReading(kind);

const dataOf = (kind: EventKind, n: number): object => {
  if (kind === 'reading') return { n, metric: METRICS[n % METRICS.length], value: n };
  if (kind === 'unreadable') return { n, metric: METRICS[0] };
  if (kind === 'deadly') return { n, deadly: true };
  if (kind === 'forbidden' || kind === 'slow') return { n, [kind]: true };
  if (kind === 'large') return { n, text: 'x'.repeat(LARGE_BYTES) };
  return kind === 'unstorable' ? { n, text: 'a \u0000 in the middle' } : { n };
};

/** The events of a run, one after the other, by its seed. */
export class NumberedEvents {
  private readonly random: Random;
  private n = 0;

  /** `without`: kinds that none of them is of. */
  constructor(
    seed: number,
    private readonly without: readonly EventKind[] = [],
  ) {
    this.random = new Random(seed + 1);
  }

  next(): NumberedEvent {
    const n = this.n++;
    const kind = this.kindOf(n);
    const key = `key-${this.random.between(1, KEYS)}`;
    const id = `e${n}`;
    const json = JSON.stringify({
      specversion: '1.0',
      id,
      source: SOURCE,
      type: isReading(kind) ? 'chaos.reading' : 'chaos.order',
      time: new Date(EPOCH_MS + n * 1000).toISOString(),
      partitionkey: key,
      data: dataOf(kind, n),
    });
    return { n, id, kind, key, json };
  }

  private kindOf(n: number): EventKind {
    for (const kind of POISONED) {
      if (this.without.includes(kind)) continue;
      if (n === FIRST_AT[kind] || this.random.next() < 1 / ONE_IN[kind]) return kind;
    }
    return this.random.next() < 0.5 ? 'order' : 'reading';
  }
}
