import type { EventResult, Problem, PublishAnswer, PublishProblem, PublishRefusal } from '@millrace/admin-api';

/** What an answer lists of the events. */
type Listed = Pick<PublishAnswer, 'results' | 'unlisted' | 'refused'>;

/** Beyond this many events an answer lists only those that were not accepted, and no more than this many of them. */
export const LIST_ALL_UP_TO = 10_000;

/** Rejections are listed until they take so many bytes more than the request: thousands of bad events of two bytes are one mistake. */
export const LISTED_BEYOND_REQUEST = 32_768;

/** A stream is read until rejected events outnumber the others by this many. */
export const MOST_REJECTED = 2_000;

/** How many events became what. */
export type Totals = Pick<PublishAnswer, 'accepted' | 'duplicates' | 'rejected'>;

/** Collects results into an answer, in memory that is bounded by the request. */
export class Tally implements Totals {
  accepted = 0;
  duplicates = 0;
  rejected = 0;
  private results: EventResult[] = [];
  private unlisted = 0;
  private firstRejection: Problem | undefined;
  private refused: PublishRefusal | undefined;
  private requestBytes = 0;
  private rejectionBytes = 0;

  /** So many bytes of the request have come. */
  received(bytes: number): void {
    this.requestBytes += bytes;
  }

  add(results: readonly EventResult[]): void {
    for (const result of results) this.addOne(result);
  }

  /** So many events more are rejected, and were not read: the rest of the request is refused. */
  refuse(count: number, error: Problem): void {
    this.refused ??= { from: this.total, error };
    for (let i = 0; i < count; i += 1) this.addOne({ index: this.total, status: 'rejected', error });
  }

  get total(): number {
    return this.accepted + this.duplicates + this.rejected;
  }

  /** How many rejections more than events the rest of a stream may bring. */
  get excess(): number {
    return Math.max(0, MOST_REJECTED + this.accepted + this.duplicates - this.rejected);
  }

  /** A 202 where anything was accepted or known already, else the first rejection. */
  answer(): { status: number; body: PublishAnswer | (PublishProblem & Listed) } {
    const { accepted, duplicates, rejected, firstRejection } = this;
    const listed = {
      results: this.results,
      ...(this.unlisted === 0 ? {} : { unlisted: this.unlisted }),
      ...(this.refused === undefined ? {} : { refused: this.refused }),
    };
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
    if (this.results.length < LIST_ALL_UP_TO && this.hasRoom(result)) this.results.push(result);
    else this.unlisted += 1;
  }

  private hasRoom(result: EventResult): boolean {
    if (!('error' in result)) return true;
    const most = this.requestBytes + LISTED_BEYOND_REQUEST;
    // An event that was good but could not be appended: its sender has to know which one to send again.
    if (this.refused === undefined && result.error.retryable === true) return true;
    if (this.rejectionBytes >= most) return false;
    this.rejectionBytes += Buffer.byteLength(JSON.stringify(result));
    return this.rejectionBytes < most;
  }
}
