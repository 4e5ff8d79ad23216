import type { Snapshot } from '@millrace/admin-api';

const KEPT_MS = 180_000;
/** Rates are those of so long, so that a batch a second does not flicker. */
const RATE_OVER_MS = 5000;

/** What is counted in a snapshot. */
export type Count = (snapshot: Snapshot) => number | undefined;

/** The snapshots of the last three minutes, the oldest first. Never changes; `with` makes another. */
export class History {
  constructor(readonly snapshots: readonly Snapshot[] = []) {}

  with(snapshot: Snapshot): History {
    const since = snapshot.summary.at - KEPT_MS;
    return new History([...this.snapshots.filter(({ summary }) => summary.at >= since), snapshot]);
  }

  /** How much a count grew a second, over the last seconds; undefined until there are two looks at it. Never below 0. */
  rate(count: Count): number | undefined {
    const last = this.snapshots.at(-1);
    if (last === undefined) return undefined;
    const since = last.summary.at - RATE_OVER_MS;
    const first = this.snapshots.find(({ summary }) => summary.at >= since);
    const [before, after] = [first && count(first), count(last)];
    const seconds = (last.summary.at - (first?.summary.at ?? last.summary.at)) / 1000;
    if (before === undefined || after === undefined || seconds === 0) return undefined;
    return Math.max(0, (after - before) / seconds);
  }

  /** A number of each snapshot, for a line. */
  series(of: (snapshot: Snapshot) => number): number[] {
    return this.snapshots.map(of);
  }
}
