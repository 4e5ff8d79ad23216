import type { Job } from '../jobs/job.js';

/** What is to be handed to a sink again. */
export interface ReplayOrder {
  readonly topic: string;
  /** The consumer group. */
  readonly sink: string;
  /** Of the events to look at, as stream ids: `-` and `+` are the ends there are when it begins. */
  readonly from: string;
  readonly to: string;
  /** An event pattern; null where all are meant. */
  readonly pattern: Readonly<Record<string, unknown>> | null;
  /** Most events that are handed over a second. */
  readonly perSecond: number;
  /** Whether an endpoint gets also what its topics and its pattern leave out. */
  readonly unfiltered?: boolean;
}

/** A replay as it is stored, without its state. */
export interface StoredReplay extends ReplayOrder, Job {
  readonly who: string;
  /** Events in the range when it began, as far as could be told without counting them. */
  readonly total: number;
  /** Where each partition ends, at most the last entry when it began; null where there was none. What came later is not replayed. */
  readonly ends: readonly (string | null)[];
}
