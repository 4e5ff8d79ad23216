import type { Form, Payload } from './bodies.js';

/** What to send. */
export interface Load {
  readonly url: string;
  readonly form: Form;
  readonly payload: Payload;
  readonly events: number;
  /** Events of a request. */
  readonly batch: number;
  /** Requests under way at once, where as many are sent as are taken. */
  readonly connections: number;
  /** Requests a second, sent when their time has come, whatever became of those before; absent: as many as are taken. */
  readonly perSecond?: number;
  readonly run: string;
}

/** What came of it. */
export interface LoadResult {
  readonly accepted: number;
  /** Answers other than 202; sent again where there was time. */
  readonly refused: number;
  readonly seconds: number;
  /** Milliseconds from when a request was due to its answer: sorted. */
  readonly latencies: readonly number[];
}

/** The share of the requests of an open loop whose latencies are not counted: the first ones. */
export const WARM_UP = 0.25;

/** The value that this share of the sorted values does not exceed. */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
