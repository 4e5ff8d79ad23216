import { describeSink } from '@millrace/sink/testing';
import { type PostgresServer, startPostgres } from '@millrace/testkit';
import pg from 'pg';

let server: PostgresServer;
let databases = 0;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

describeSink('sink-postgres', {
  program: new URL('../dist/main.js', import.meta.url),
  group: 'sink-postgres',
  delivers: 'once',
  poison: { time: 'the day before' },
  startTarget: async () => {
    const url = new URL(await server.createDatabase(`conformance_${databases++}`));
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    return {
      port: Number(url.port),
      env: (port) => ({ DATABASE_URL: Object.assign(new URL(url.href), { port: String(port) }).href }),
      arrived: async (topic) => {
        const { rows } = await client.query('SELECT id FROM millrace_events WHERE topic = $1', [topic]);
        return rows.map(({ id }) => id as string);
      },
      stop: () => client.end(),
    };
  },
});
