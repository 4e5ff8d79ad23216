import { STATEMENT_MS } from '../faults/policies.js';
import { CLAIM_AFTER_MS } from '../faults/schedule.js';

/** What another process died with is claimed when a lease is over and somebody looks, twice in a lease; and it has to be done. */
const STALL_MS = 2 * CLAIM_AFTER_MS;
/** A row that is too slow holds up its batch while it is looked for: 100 rows, 13, 2, 1. */
const SLOW_ROW_MS = 4 * STATEMENT_MS;

/** How long a group may stand still, in milliseconds. */
export const mayStandMs = (group: string): number => STALL_MS + (group === 'sink-postgres' ? SLOW_ROW_MS : 0);

/** How a group stands at a moment. */
export interface Standing {
  /** Milliseconds of a clock that only goes forward. */
  readonly at: number;
  /** Whether something waits that could be done now. */
  readonly hasWork: boolean;
  /** Whether a fault, or what comes right after one, keeps it from working. */
  readonly isExcused: boolean;
  /** What changes whenever something of it is done. */
  readonly mark: string;
}

/** A group that stood still although it had work and nothing kept it from it. */
export interface Stall {
  readonly ms: number;
  /** When it ended, or was last seen. */
  readonly at: number;
  readonly mark: string;
}

/** The longest that each group stood still for no reason. Pure: knows what it is told. */
export class Stalls {
  private readonly since = new Map<string, Standing>();
  private readonly worst = new Map<string, Stall>();

  /** A group stands so now. */
  note(group: string, now: Standing): void {
    const before = this.since.get(group);
    if (!now.hasWork || now.isExcused || before?.mark !== now.mark) {
      this.since.set(group, now);
      return;
    }
    // A moment that was excused is where waiting begins, not part of it.
    const ms = now.at - before.at;
    if (ms > (this.worst.get(group)?.ms ?? 0)) this.worst.set(group, { ms, at: now.at, mark: now.mark });
  }

  /** By group; those that never stood still are absent. */
  get longest(): ReadonlyMap<string, Stall> {
    return this.worst;
  }
}
