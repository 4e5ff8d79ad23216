import type { Job } from '../jobs/job.js';
import type { DeadLetterFilter } from './dead-letter-finder.js';

/** A redrive of many dead letters as it is stored, without how far it came. */
export interface StoredRedrive extends Job {
  readonly filter: DeadLetterFilter;
  readonly perSecond: number;
  readonly who: string;
  /** How many matched when it began. */
  readonly matched: number;
  /** Where it ends in each group and partition: at the newest when it began. What dies later is not of it. */
  readonly parts: readonly { readonly group: string; readonly partition: number; readonly to: string }[];
}
