import type { PoolClient } from 'pg';
import { type Pool, transaction } from '../pool.js';

/** Months that are made: nobody who sends events with odd times is to fill the catalogue with tables. */
const MOST_MONTHS_BACK = 120;
const MOST_MONTHS_AHEAD = 3;
/** Which months are made, for whoever has an event of another one. */
export const MONTHS_MADE = `partitions are created from ${MOST_MONTHS_BACK / 12} years ago to ${MOST_MONTHS_AHEAD} months ahead; create others yourself`;
/** A name in Postgres has 63 bytes; `_2026_11` is put behind. */
const LONGEST_NAME = 55;

/** A month, counted from the year 0. */
type Month = number;

const monthOf = (ms: number): Month => {
  const date = new Date(ms);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
};

const startOf = (month: Month): string => new Date(Date.UTC(Math.floor(month / 12), month % 12, 1)).toISOString();

const suffixOf = (month: Month): string => `${Math.floor(month / 12)}_${String((month % 12) + 1).padStart(2, '0')}`;

/** The months of a table that is partitioned by `time`: each is a table of its own, made when it is first needed. */
export class MonthlyPartitions {
  /** Throws a sentence where the names of its months would be too long for Postgres. */
  constructor(
    private readonly pool: Pool,
    private readonly table: string,
  ) {
    const name = table.slice(table.indexOf('.') + 1);
    if (name.length > LONGEST_NAME) {
      throw new Error(
        `EVENTS_TABLE: ${name} has ${name.length} characters; with partitions by month the limit is ${LONGEST_NAME}`,
      );
    }
  }

  /** Makes this month and the next, so that the first event of a month does not wait. */
  async prepare(client: PoolClient, now = Date.now()): Promise<void> {
    await this.make(client, [monthOf(now), monthOf(now) + 1]);
  }

  /**
   * Makes these months where they are missing and no more than ten years ago or three months ahead; the rows of others
   * have nowhere to go. Rejects with Postgres's error.
   */
  async add(months: readonly Month[], now = Date.now()): Promise<void> {
    const current = monthOf(now);
    const near = months.filter((one) => one >= current - MOST_MONTHS_BACK && one <= current + MOST_MONTHS_AHEAD);
    if (near.length === 0) return;
    await transaction(this.pool, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`millrace:${this.table}`]);
      await this.make(client, near);
    });
  }

  private async make(client: PoolClient, months: readonly Month[]): Promise<void> {
    for (const month of new Set(months)) {
      const range = `FROM ('${startOf(month)}') TO ('${startOf(month + 1)}')`;
      const name = `${this.table}_${suffixOf(month)}`;
      await client.query(`CREATE TABLE IF NOT EXISTS ${name} PARTITION OF ${this.table} FOR VALUES ${range}`);
    }
  }
}
