import type { Row } from '../target.js';

/** Most rows that are remembered; the oldest are forgotten, and begin anew. */
const MOST = 10_000;

/**
 * What a table has seen that may tell a bad row from an outage: a row that failed alone is to blame once another one has
 * landed since. Kept in memory: after a restart it takes one more try.
 */
export class Suspects {
  private statements = 0;
  private landings = 0;
  private readonly failedAt = new Map<string, { readonly statements: number; readonly landings: number }>();
  private failures = 0;

  /** How often in a row nobody's row could be written. */
  get stalls(): number {
    return this.failures;
  }

  /** A statement was taken; it may have changed nothing, where its rows were there already or a trigger put them elsewhere. */
  taken(hasLanded: boolean): void {
    this.statements += 1;
    if (hasLanded) this.landings += 1;
    this.failures = 0;
  }

  stalled(): void {
    this.failures += 1;
  }

  /** The row failed alone, and nobody knows yet whose fault that is. */
  remember(row: Row): void {
    const key = keyOf(row);
    if (this.failedAt.has(key)) return;
    if (this.failedAt.size >= MOST) this.failedAt.delete(this.failedAt.keys().next().value as string);
    this.failedAt.set(key, { statements: this.statements, landings: this.landings });
  }

  forget(row: Row): void {
    this.failedAt.delete(keyOf(row));
  }

  /** Whether another row could be written since this one failed first; `needsRoom`: and took some. */
  isOvertaken(row: Row, needsRoom: boolean): boolean {
    const then = this.failedAt.get(keyOf(row));
    if (then === undefined) return false;
    return needsRoom ? this.landings > then.landings : this.statements > then.statements;
  }
}

const keyOf = ({ topic, streamId, json }: Row): string => `${topic} ${streamId} ${json.length}`;
