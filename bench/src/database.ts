import { startPostgres } from '@millrace/testkit';
import pg from 'pg';

/** The Postgres that both sides write to, each to a database of its own. */
export class Database {
  private constructor(private readonly server: Awaited<ReturnType<typeof startPostgres>>) {}

  /** Starts one that keeps the time of each commit. */
  static async start(): Promise<Database> {
    const server = await startPostgres({ durable: true });
    await query(server.url, 'ALTER SYSTEM SET track_commit_timestamp = on');
    await server.restart();
    return new Database(server);
  }

  get pid(): number {
    return this.server.pid as number;
  }

  create(name: string): Promise<string> {
    return this.server.createDatabase(name);
  }

  /** Milliseconds from when the events of a run, from the number `from` on, were due to the commit of their rows, sorted. */
  async latenciesOf(name: string, run: string, from: number): Promise<number[]> {
    const rows = await query(
      await this.create(name),
      `SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000 - (data->>'due')::float8 / 1000 AS ms
       FROM millrace_events WHERE id LIKE '${run}-%' AND (data->>'n')::int >= ${from} ORDER BY 1`,
    );
    return rows.map(({ ms }) => Number(ms));
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

const query = async (url: string, text: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
};
