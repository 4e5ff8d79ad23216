import type { Problem } from '@millrace/host';
import type { EventResult } from './intake.js';

/** The body of a 202. */
export interface Answer {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly results: readonly EventResult[];
  /** How many more were not accepted than are listed; absent where all are. */
  readonly unlisted?: number;
}

/** A problem of the whole request, with what became of each event. */
export interface ProblemAnswer extends Problem {
  readonly results: readonly EventResult[];
  readonly unlisted?: number;
}

/** Beyond this many events an answer lists only those that were not accepted, and no more than this many of them. */
export const LIST_ALL_UP_TO = 10_000;

/** How many events became what. */
export type Totals = Pick<Answer, 'accepted' | 'duplicates' | 'rejected'>;

/** Collects results into an answer, in bounded memory whatever comes. */
export class Tally implements Totals {
  accepted = 0;
  duplicates = 0;
  rejected = 0;
  private results: EventResult[] = [];
  private unlisted = 0;
  private firstRejection: Problem | undefined;

  add(results: readonly EventResult[]): void {
    for (const result of results) this.addOne(result);
  }

  get total(): number {
    return this.accepted + this.duplicates + this.rejected;
  }

  /** A 202 where anything was accepted or known already, else the first rejection. */
  answer(): { status: number; body: Answer | ProblemAnswer } {
    const { accepted, duplicates, rejected, firstRejection } = this;
    const listed = { results: this.results, ...(this.unlisted === 0 ? {} : { unlisted: this.unlisted }) };
    if (accepted + duplicates === 0 && firstRejection !== undefined) {
      return { status: firstRejection.status, body: { ...firstRejection, ...listed } };
    }
    return { status: 202, body: { accepted, duplicates, rejected, ...listed } };
  }

  private addOne(result: EventResult): void {
    if (result.status === 'accepted') this.accepted += 1;
    else if (result.status === 'duplicate') this.duplicates += 1;
    else if ('error' in result) {
      this.rejected += 1;
      this.firstRejection ??= result.error;
    }
    if (this.total === LIST_ALL_UP_TO + 1) this.results = this.results.filter(({ status }) => status !== 'accepted');
    if (this.total > LIST_ALL_UP_TO && result.status === 'accepted') return;
    if (this.results.length < LIST_ALL_UP_TO) this.results.push(result);
    else this.unlisted += 1;
  }
}
