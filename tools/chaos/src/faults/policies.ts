import { waitFor } from '@millrace/testkit';
import pg from 'pg';

/** The role of sink-postgres: policies do not bind a superuser. */
export const SINK_ROLE = 'millrace_sink';
/** How long a statement of the sink may take. */
export const STATEMENT_MS = 1500;

const run = async (url: string, statements: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statements);
  } finally {
    await client.end();
  }
};

/** Makes the role, with the password of the URL's; it makes the table of events. */
export const makeSinkRole = (url: string): Promise<void> =>
  run(
    url,
    `CREATE ROLE ${SINK_ROLE} LOGIN PASSWORD '${new URL(url).password}'; GRANT ALL ON SCHEMA public TO ${SINK_ROLE}`,
  );

/** As soon as there is one, the table refuses rows that say so, and takes too long for others. */
export const refuseRows = (url: string): Promise<void> =>
  waitFor(() => run(url, POLICIES).then(() => true), {
    what: 'the table of events',
    timeoutMs: 30_000,
    everyMs: 100,
  }).then(() => undefined);

const POLICIES = `
  ALTER TABLE millrace_events ENABLE ROW LEVEL SECURITY;
  ALTER TABLE millrace_events FORCE ROW LEVEL SECURITY;
  CREATE POLICY seen ON millrace_events FOR SELECT USING (true);
  CREATE POLICY added ON millrace_events FOR INSERT WITH CHECK (data->'forbidden' IS NULL);
  CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(${(2 * STATEMENT_MS) / 1000}); RETURN NEW; END';
  CREATE TRIGGER dawdle BEFORE INSERT ON millrace_events
    FOR EACH ROW WHEN (NEW.data->'slow' IS NOT NULL) EXECUTE FUNCTION dawdle();
`;
