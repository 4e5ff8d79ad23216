import type { JobState } from '@millrace/admin-api';

/** Something that takes a while and is kept in Redis: whichever console is there goes on with it. */
export interface Job {
  readonly id: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** States of a job for which somebody still has to do something. */
export const UNFINISHED: readonly JobState[] = ['running', 'paused'];

/** Whether somebody still has to do something for it. */
export const isUnfinished = (state: JobState): boolean => UNFINISHED.includes(state);

/** A job, and how it stands. */
export interface Standing<Order extends Job> {
  readonly order: Order;
  readonly state: JobState;
  readonly error: string | null;
}
