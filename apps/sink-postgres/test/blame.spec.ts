import { TransientError, Unavailable } from '@millrace/streams';
import { Databases, delivered, eventWith, type StartedSink, told } from './fixtures/databases.js';

const databases = new Databases();
beforeAll(() => databases.start(), 60_000);
afterAll(() => databases.stop());

/** One code of each class of SQLSTATE, and those that were once taken for somebody else's. */
const CODES = [
  ...['01000', '02000', '03000', '08006', '09000', '0A000', '0B000', '0F000', '0L000', '0P000', '0Z000', '20000'],
  ...['21000', '22012', '2200H', '22P02', '23502', '23503', '23505', '23514', '24000', '25000', '25006', '26000'],
  ...['27000', '28000', '28P01', '2B000', '2D000', '2F000', '34000', '38000', '39000', '3B000', '3D000', '3F000'],
  ...['40001', '40P01', '42501', '42601', '42703', '42804', '42883', '42P01', '42P10', '44000', '53000', '53100'],
  ...['53200', '53300', '53400', '54000', '54001', '55000', '55P03', '57000', '57014', '57P01', '57P02', '57P03'],
  ...['57P05', '58000', '58030', '72000', 'F0000', 'HV000', 'P0000', 'P0001', 'P0002', 'XX000', 'XX001', 'ZZ999'],
];
/** A full disk may take a row that is there already. */
const NEEDS_A_NEIGHBOUR = /^53/;

const FAULTS = `
  CREATE TABLE fault (code text, everyone boolean);
  INSERT INTO fault VALUES ('00000', false);
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE one fault;
  BEGIN
    SELECT * INTO one FROM fault;
    IF one.everyone OR NEW.id LIKE 'bad%' THEN RAISE EXCEPTION 'refused' USING ERRCODE = one.code; END IF;
    RETURN NEW;
  END $$;`;
const trigger = (table: string) =>
  `CREATE TRIGGER refuse BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse();`;

/** The first of each class. */
const CLASSES = CODES.filter((code, n) => CODES.findIndex((one) => one.slice(0, 2) === code.slice(0, 2)) === n);

describe.each([
  ['the table of events', 'millrace_events', {}, CODES],
  [
    'a mapped table',
    'orders',
    {
      ddl: 'CREATE TABLE orders (id text PRIMARY KEY, n integer)',
      tables: '[{ topic: orders, table: orders, mode: upsert, keys: [id], columns: { id: id, n: data.n } }]',
    },
    CLASSES,
  ],
])('%s, with a trigger that raises', (_, table, setup, codes) => {
  let started: StartedSink;
  let ids = 0;
  beforeAll(async () => {
    started = await databases.sink(setup);
    await started.client.query(`${FAULTS}${trigger(table)}`);
    await started.sink.write([eventWith('first')]);
  });
  const fault = (code: string, everyone = false) =>
    started.client.query('UPDATE fault SET code = $1, everyone = $2', [code, everyone]);
  const good = (count: number) => Array.from({ length: count }, () => eventWith(`good-${ids++}`, { n: 1 }));
  const bad = () => eventWith(`bad-${ids++}`, { n: 1 });
  const landed = async () => (await started.client.query<{ id: string }>(`SELECT id FROM ${table}`)).rows.length;

  it.each(codes)('%s for one row: it is that row, and its neighbours land', async (code) => {
    await fault(code);
    const before = await landed();
    const [some, more, many] = [good(9), good(10), good(70)];
    const failures = await started.sink.write([...some, bad(), ...more]);
    expect(failures).toMatchObject([{ index: 9, error: { message: expect.stringContaining(`Postgres ${code}`) } }]);
    expect(failures[0]?.error).not.toBeInstanceOf(Unavailable);
    expect(told(await started.sink.write([bad(), bad(), bad(), ...many]))).toHaveLength(3); // By COPY, where there is one.
    expect(await landed()).toBe(before + 89);
  });

  it.each(codes)('%s for every row: nobody is to blame, and all land when it is over', async (code) => {
    const batch = good(12);
    await fault(code, true);
    await expect(started.sink.write(batch)).rejects.toThrow(Unavailable);
    await expect(started.sink.write(batch.slice(0, 1))).rejects.toThrow(new RegExp(code));
    await fault(code);
    expect(await started.sink.write(batch)).toEqual([]);
  });

  it.each(codes)('%s for a row that comes alone: it is that row, once another one can be written', async (code) => {
    await fault(code);
    const alone = bad();
    if (NEEDS_A_NEIGHBOUR.test(code)) {
      await expect(started.sink.write([alone])).rejects.toThrow(Unavailable);
      expect(await started.sink.write(good(1))).toEqual([]);
    }
    const [failure] = await started.sink.write([alone]);
    expect(failure?.error.message).toContain(`Postgres ${code}`);
    expect(failure?.error).not.toBeInstanceOf(Unavailable);
  });
});

describe('a row that fails', () => {
  it('by a row-level policy is tried again, and its neighbours land', async () => {
    const { client, sink } = await databases.sink({
      ddl: `CREATE TABLE orders (id text PRIMARY KEY, n integer);
            CREATE POLICY small ON orders USING (true) WITH CHECK (n < 5);
            ALTER TABLE orders ENABLE ROW LEVEL SECURITY; ALTER TABLE orders FORCE ROW LEVEL SECURITY;
            DO $$ BEGIN CREATE ROLE guarded NOSUPERUSER; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            GRANT ALL ON orders TO guarded;
            DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET role = guarded', current_database()); END $$;`,
      tables: '[{ topic: orders, table: orders, keys: [id], columns: { id: id, n: data.n } }]',
    });
    const batch = [eventWith('a', { n: 1 }), eventWith('b', { n: 9 }), eventWith('c', { n: 2 })];
    const failures = await sink.write(batch);
    expect(failures).toMatchObject([
      { index: 1, error: { name: 'TransientError', message: expect.stringContaining('Postgres 42501') } },
    ]);
    expect((await client.query('SELECT id FROM orders ORDER BY id')).rows).toEqual([{ id: 'a' }, { id: 'c' }]);
  });

  it('by ending its own connection is tried again, and its neighbours land', async () => {
    const { client, sink } = await databases.sink();
    await client.query(`
      CREATE FUNCTION fall() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN IF NEW.id = 'bad' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$;
      CREATE TRIGGER fall BEFORE INSERT ON millrace_events FOR EACH ROW EXECUTE FUNCTION fall();`);
    const failures = await sink.write([eventWith('a'), eventWith('bad'), eventWith('b'), eventWith('c')]);
    expect(told(failures)).toEqual(['1 TransientError']);
    expect((await client.query('SELECT id FROM millrace_events ORDER BY id')).rows).toHaveLength(3);
  });

  it('in Node, before it reaches Postgres, is tried again, and its neighbours land', async () => {
    const { client, sink } = await databases.sink();
    const refuse = () => {
      throw new RangeError('Invalid string length');
    };
    const broken = delivered({ length: 10, includes: refuse, indexOf: refuse } as never);
    const failures = await sink.write([eventWith('a'), broken, eventWith('b')]);
    expect(failures).toMatchObject([
      { index: 1, error: { name: 'TransientError', message: 'cannot be written: Invalid string length' } },
    ]);
    expect((await client.query('SELECT id FROM millrace_events')).rows).toHaveLength(2);
  });

  it('by its time is tried again, and its neighbours land; what ran out of time is not sent a second time', async () => {
    const { client, sink, table } = await databases.sink({ statementMs: 400 });
    await client.query(`
      CREATE SEQUENCE statements;
      CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('statements'); RETURN NULL; END $$;
      CREATE TRIGGER counted BEFORE INSERT ON millrace_events FOR EACH STATEMENT EXECUTE FUNCTION counted();
      CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN IF NEW.id = 'slow' THEN PERFORM pg_sleep(5); END IF; RETURN NEW; END $$;
      CREATE TRIGGER slow BEFORE INSERT ON millrace_events FOR EACH ROW EXECUTE FUNCTION slow();`);
    const batch = Array.from({ length: 100 }, (_, n) => eventWith(n === 40 ? 'slow' : `${n}`));
    const rows = batch.map(({ topic, delivery }) => ({
      topic,
      streamId: delivery.position,
      json: delivery.event.json,
    }));
    await expect(table.write(rows)).rejects.toMatchObject({ code: '57014' });
    expect((await client.query('SELECT last_value::int FROM statements')).rows).toEqual([{ last_value: 1 }]);
    const failures = await sink.write(batch);
    expect(failures).toMatchObject([{ index: 40, error: expect.any(TransientError) }]);
    expect((await client.query('SELECT id FROM millrace_events')).rows).toHaveLength(99);
  });

  it('on a table whose trigger puts rows elsewhere is that row', async () => {
    const { client, sink } = await databases.sink({
      ddl: `CREATE TABLE t (id text PRIMARY KEY); CREATE TABLE elsewhere (id text);
            CREATE FUNCTION put() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF NEW.id = 'bad' THEN RAISE EXCEPTION 'refused' USING ERRCODE = '42501'; END IF;
              INSERT INTO elsewhere VALUES (NEW.id); RETURN NULL;
            END $$;
            CREATE TRIGGER put BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION put();`,
      tables: '[{ topic: orders, table: t, keys: [id], columns: { id: id } }]',
    });
    const failures = await sink.write([eventWith('a'), eventWith('bad'), eventWith('b')]);
    expect(told(failures)).toEqual(['1 TransientError']);
    expect((await client.query('SELECT id FROM elsewhere')).rows).toHaveLength(2);
  });

  it('waits where it is alone on an empty table, until another one lands', async () => {
    const { client, sink } = await databases.sink();
    await client.query(`${FAULTS}${trigger('millrace_events')} UPDATE fault SET code = '53100'`);
    const bad = eventWith('bad');
    await expect(sink.write([bad])).rejects.toThrow(Unavailable);
    // Not for ever in the way of the others: then it waits by itself, and they get their turn.
    for (let n = 0; n < 7; n += 1) await expect(sink.write([bad])).rejects.toThrow(Unavailable);
    expect(told(await sink.write([bad]))).toEqual(['0 Unavailable']);
    expect(await sink.write([eventWith('good')])).toEqual([]);
    expect(told(await sink.write([bad]))).toEqual(['0 TransientError']);
  });
});

describe('nobody is to blame', () => {
  it('for a sequence that is used up', async () => {
    const { client, sink } = await databases.sink({
      ddl: "CREATE SEQUENCE numbers MAXVALUE 3; CREATE TABLE orders (n bigint DEFAULT nextval('numbers'), id text PRIMARY KEY)",
      tables: '[{ topic: orders, table: orders, keys: [id], columns: { id: id } }]',
    });
    const batch = ['a', 'b', 'c', 'd'].map((id) => eventWith(id));
    expect(await sink.write(batch.slice(0, 2))).toEqual([]);
    await expect(sink.write(batch.slice(2))).rejects.toThrow(/2200H/);
    await client.query('ALTER SEQUENCE numbers NO MAXVALUE');
    expect(await sink.write(batch)).toEqual([]);
  });

  it('for a column that somebody made necessary', async () => {
    const { client, sink } = await databases.sink();
    expect(await sink.write([eventWith('a')])).toEqual([]);
    await client.query("ALTER TABLE millrace_events ADD COLUMN team text NOT NULL DEFAULT 'x'");
    await client.query('ALTER TABLE millrace_events ALTER COLUMN team DROP DEFAULT');
    const batch = Array.from({ length: 80 }, (_, n) => eventWith(`b${n}`));
    await expect(sink.write(batch)).rejects.toThrow(/23502/);
    await client.query("ALTER TABLE millrace_events ALTER COLUMN team SET DEFAULT 'y'");
    expect(await sink.write(batch)).toEqual([]);
  });

  it('for rights that were taken away', async () => {
    const { client, sink } = await databases.sink({
      ddl: `CREATE TABLE orders (id text PRIMARY KEY);
            DO $$ BEGIN CREATE ROLE guest NOSUPERUSER; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            GRANT ALL ON orders TO guest;
            DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET role = guest', current_database()); END $$;`,
      tables: '[{ topic: orders, table: orders, keys: [id], columns: { id: id } }]',
    });
    expect(await sink.write([eventWith('a')])).toEqual([]);
    await client.query('REVOKE INSERT ON orders FROM guest');
    await expect(sink.write([eventWith('b'), eventWith('c')])).rejects.toThrow(/42501/);
    await client.query('GRANT INSERT ON orders TO guest');
    expect(await sink.write([eventWith('b'), eventWith('c')])).toEqual([]);
  });

  it('for one table of several: its topic alone waits', async () => {
    const { client, sink } = await databases.sink({
      ddl: 'CREATE TABLE orders (id text PRIMARY KEY); CREATE TABLE audit (id text PRIMARY KEY)',
      tables: `[{ topic: orders, table: orders, keys: [id], columns: { id: id } },
                { topic: audit, table: audit, keys: [id], columns: { id: id } }]`,
      hasEvents: true,
    });
    await client.query('DROP TABLE orders');
    const batch = [eventWith('a'), eventWith('b', {}, {}, 'audit'), eventWith('c', {}, {}, 'other'), eventWith('d')];
    expect(told(await sink.write(batch))).toEqual(['0 Unavailable', '3 Unavailable']);
    expect(told(await sink.write([eventWith('a')]))).toEqual(['0 Unavailable']);
    expect((await client.query('SELECT id FROM audit UNION SELECT id FROM millrace_events')).rows).toHaveLength(2);
  });
});

it('divides a batch by its bytes', async () => {
  const { client, sink } = await databases.sink();
  await client.query(`
    CREATE TABLE sizes (n int);
    CREATE FUNCTION measured() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO sizes SELECT count(*) FROM made; RETURN NULL; END $$;
    CREATE TRIGGER measured AFTER INSERT ON millrace_events REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION measured();`);
  const text = 'x'.repeat(1_000_000);
  expect(await sink.write(Array.from({ length: 10 }, (_, n) => eventWith(`${n}`, { text })))).toEqual([]);
  expect(await sink.write([eventWith('large', { text: text.repeat(6) })])).toEqual([]);
  expect((await client.query('SELECT n FROM sizes')).rows).toEqual([{ n: 4 }, { n: 4 }, { n: 2 }, { n: 1 }]);
});
