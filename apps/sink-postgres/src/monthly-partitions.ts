import type { PoolClient } from 'pg';
import type { Pool } from './pool.js';

/** A month, as `2026_11`. */
const monthOf = (ms: number): string => new Date(ms).toISOString().slice(0, 7).replace('-', '_');

const boundsOf = (month: string): [from: string, to: string] => {
  const [year, number] = month.split('_').map(Number) as [number, number];
  const start = (y: number, m: number) => new Date(Date.UTC(y, m, 1)).toISOString();
  return [start(year, number - 1), start(year, number)];
};

/** The months of a table that is partitioned by `time`: each is a table of its own, made when it is first needed. */
export class MonthlyPartitions {
  constructor(
    private readonly pool: Pool,
    private readonly table: string,
  ) {}

  /** Makes this month and the next, so that the first event of a month does not wait. */
  async prepare(client: PoolClient, now = Date.now()): Promise<void> {
    const next = new Date(now);
    next.setUTCMonth(next.getUTCMonth() + 1, 1);
    await this.make(client, [now, next.getTime()]);
  }

  /** Makes the months of these times, where they are missing. Rejects with Postgres's error. */
  async add(times: readonly number[]): Promise<void> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`millrace:${this.table}`]);
      await this.make(client, times);
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined); // The first error says more.
      throw error;
    } finally {
      client.release();
    }
  }

  private async make(client: PoolClient, times: readonly number[]): Promise<void> {
    for (const month of new Set(times.filter((time) => Number.isFinite(time)).map(monthOf))) {
      const [from, to] = boundsOf(month);
      await client.query(
        `CREATE TABLE IF NOT EXISTS ${this.table}_${month} PARTITION OF ${this.table} FOR VALUES FROM ('${from}') TO ('${to}')`,
      );
    }
  }
}
