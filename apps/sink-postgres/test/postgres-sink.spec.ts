import { createLogger, Metrics } from '@millrace/host';
import { type SinkEvent, sinkEventOf } from '@millrace/sink';
import { PermanentError, Unavailable } from '@millrace/streams';
import { type PostgresServer, startPostgres, waitFor } from '@millrace/testkit';
import pg from 'pg';
import { copyText } from '../src/events-table/copy-text.js';
import { EventsTable, type EventsTableOptions } from '../src/events-table/events-table.js';
import { openPool } from '../src/pool.js';
import { PostgresSink } from '../src/postgres-sink.js';
import { SinkPostgresConfig } from '../src/sink-postgres-config.js';

const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });

let server: PostgresServer;
let client: pg.Client;
let databases = 0;
const open: { end(): Promise<void> }[] = [];

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.end()));
});

/** A sink on a database of its own, with a client to look into it. */
const start = async (options: Partial<EventsTableOptions> & { readonly url?: string } = {}) => {
  const url = options.url ?? (await server.createDatabase(`sink_${databases++}`));
  const config = Object.assign(new SinkPostgresConfig(), { DATABASE_URL: url });
  const pool = openPool(config, log);
  client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  open.push(pool, client);
  const { migrates = true, isPartitioned = false, copies = true } = options;
  const table = new EventsTable(pool, 'millrace_events', { migrates, isPartitioned, copies }, log);
  return { url, pool, sink: new PostgresSink({ of: () => table, all: [table] }, pool, new Metrics()) };
};

const eventOf = (json: string, topic = 'orders', position = '1795-0'): SinkEvent =>
  sinkEventOf({ event: { type: 'a', json }, attempt: 1, position, stream: `topic:${topic}`, partition: 0 });

const simple = (id: string, rest: object = {}): SinkEvent =>
  eventOf(JSON.stringify({ specversion: '1.0', id, source: '/s', type: 'a', ...rest }));

const rows = async () => (await client.query('SELECT * FROM millrace_events ORDER BY id')).rows;
const ids = async () => (await rows()).map(({ id }) => id as string);

describe('PostgresSink', () => {
  it('writes every attribute to its column', async () => {
    const { sink } = await start();
    const event = eventOf(
      '{"specversion":"1.0","id":"1","source":"/shop","type":"order.paid","subject":"o-7","time":"2026-11-21T01:02:03.5+01:00",' +
        '"datacontenttype":"application/json","dataschema":"https://example.com/s","partitionkey":"k","n":5,' +
        '"data":{"amount":12345678901234567890.10,"name":"Zoë"}}',
    );
    expect(await sink.write([event])).toEqual([]);
    const [row] = await rows();
    expect(row).toMatchObject({
      topic: 'orders',
      source: '/shop',
      id: '1',
      type: 'order.paid',
      subject: 'o-7',
      time: new Date('2026-11-21T00:02:03.500Z'),
      datacontenttype: 'application/json',
      dataschema: 'https://example.com/s',
      data_base64: null,
      extensions: { partitionkey: 'k', n: 5 },
      stream_id: '1795-0',
    });
    const { rows: exact } = await client.query("SELECT data->>'amount' AS amount FROM millrace_events");
    expect(exact).toEqual([{ amount: '12345678901234567890.10' }]);
  });

  it('leaves empty what an event does not have, and keeps binary data as it came', async () => {
    const { sink } = await start();
    await sink.write([simple('1'), simple('2', { data_base64: 'AAEC' }), simple('3', { data: null })]);
    expect(await rows()).toMatchObject([
      { id: '1', data: null, data_base64: null, extensions: null, subject: null, time: null },
      { id: '2', data: null, data_base64: 'AAEC' },
      { id: '3', data: null },
    ]);
  });

  it('writes an event once for each topic, however often it comes', async () => {
    const { sink } = await start();
    await sink.write([simple('1'), simple('1', { type: 'later' }), simple('2')]);
    await sink.write([simple('2'), simple('3')]);
    await sink.write([eventOf('{"specversion":"1.0","id":"3","source":"/s","type":"a"}', 'audit')]);
    expect((await rows()).map(({ topic, id, type }) => [topic, id, type])).toEqual([
      ['orders', '1', 'a'],
      ['orders', '2', 'a'],
      ['orders', '3', 'a'],
      ['audit', '3', 'a'],
    ]);
  });

  it('finds the bad rows of a batch; their neighbours land', async () => {
    const { sink } = await start();
    const batch = Array.from({ length: 40 }, (_, i) => simple(String(i).padStart(2, '0')));
    batch[7] = simple('07', { data: { name: 'a\u0000b' } });
    batch[23] = simple('23', { time: 'the day before' });
    batch[24] = simple('x'.repeat(20_000).replace(/x/g, () => Math.random().toString(36).slice(2)));
    const failures = await sink.write(batch);
    expect(failures.map(({ index, error }) => [index, error.constructor, error.message.slice(0, 14)])).toEqual([
      [7, PermanentError, 'Postgres 22P05'],
      [23, PermanentError, 'Postgres 22007'],
      [24, PermanentError, 'Postgres 54000'],
    ]);
    expect(await ids()).toHaveLength(37);
  });

  it('says which column of a bad row does not take its value', async () => {
    const { sink } = await start();
    const [failure] = await sink.write([simple('1', { time: 'the day before' })]);
    expect(failure?.error.message).toMatch(/^Postgres 22007: .*; column time does not accept "the day before"$/);
  });

  describe('by month', () => {
    const months = async () =>
      (
        await client.query(
          "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'millrace_events'::regclass ORDER BY 1",
        )
      ).rows.map(({ name }) => name as string);

    it('makes this month and the next, and any other when an event of it comes', async () => {
      const { sink } = await start({ isPartitioned: true });
      const batch = Array.from({ length: 60 }, (_, n) => simple(`${n}`, { time: new Date().toISOString() }));
      expect(await sink.write(batch)).toEqual([]);
      expect(await months()).toHaveLength(2);
      const old = simple('old', { time: '2020-02-29T23:59:59Z' });
      expect(await sink.write([old, ...batch, simple('leap', { time: '2021-05-31T23:59:60Z' })])).toEqual([]);
      expect(await months()).toEqual(expect.arrayContaining(['millrace_events_2020_02', 'millrace_events_2021_06']));
      expect(await sink.write([old])).toEqual([]);
      expect(await ids()).toHaveLength(62);
    });

    it.each(['9999-12-31T23:59:59-12:00', '9999-12-31T23:59:59Z', '2099-01-01T00:00:00Z', '1066-10-14T09:00:00Z'])(
      'dead-letters an event of %s, for which no partition is created, and nothing beside it',
      async (time) => {
        const { sink } = await start({ isPartitioned: true });
        const now = new Date().toISOString();
        const failures = await sink.write([
          simple('a', { time: now }),
          simple('b', { time }),
          simple('c', { time: now }),
        ]);
        expect(failures).toMatchObject([{ index: 1, error: expect.any(PermanentError) }]);
        expect(await ids()).toEqual(['a', 'c']);
        expect(await months()).toHaveLength(2);
      },
    );

    it('makes no month where it may make no tables', async () => {
      const { url } = await start({ isPartitioned: true });
      await (await start({ url, isPartitioned: true })).sink.write([simple('0', { time: new Date().toISOString() })]);
      const { sink } = await start({ url, isPartitioned: true, migrates: false });
      const failures = await sink.write([
        simple('old', { time: '2020-02-02T00:00:00Z' }),
        simple('1', { time: new Date().toISOString() }),
      ]);
      expect(failures).toMatchObject([{ index: 0, error: expect.any(PermanentError) }]);
      expect(await months()).toHaveLength(2);
    });

    it('takes no table of which the months would have too long names', () => {
      const options = { migrates: true, isPartitioned: true, copies: true };
      const { pool } = { pool: undefined as never };
      expect(() => new EventsTable(pool, 'e'.repeat(56), options, log)).toThrow(/the limit is 55/);
    });

    it('takes an event without a time as of when Redis took it, however often it comes', async () => {
      const { sink } = await start({ isPartitioned: true });
      const event = eventOf('{"specversion":"1.0","id":"1","source":"/s","type":"a"}', 'orders', '1767225600000-0');
      await sink.write([event, event]);
      await sink.write([event]);
      expect(await rows()).toMatchObject([{ id: '1', time: new Date('2026-01-01T00:00:00Z') }]);
    });

    it('dead-letters a bad row, and its neighbours land', async () => {
      const { sink } = await start({ isPartitioned: true });
      const batch = Array.from({ length: 60 }, (_, n) => simple(`${n}`, { time: '2021-05-05T00:00:00Z' }));
      batch[7] = simple('bad', { time: 'never' });
      expect(await sink.write(batch)).toMatchObject([{ index: 7, error: expect.any(PermanentError) }]);
      expect(await ids()).toHaveLength(59);
    });

    it('is made once by replicas that start at the same time', async () => {
      const { url } = await start({ isPartitioned: true });
      const others = await Promise.all(Array.from({ length: 5 }, () => start({ isPartitioned: true, url })));
      const time = '2019-01-01T00:00:00Z';
      await Promise.all(others.map(({ sink }, n) => sink.write([simple(`${n}`, { time })])));
      expect(await ids()).toHaveLength(5);
    });
  });

  const HEAD = '"specversion":"1.0","id":"odd","source":"/s","type":"a"';
  it.each([
    ['a usual one', `{${HEAD},"data":{"n":1}}`, true],
    ['with 20 digits and zeros at the end', `{${HEAD},"data":{"n":12345678901234567890.10,"m":1.00}}`, true],
    ['with escapes in data', `{${HEAD},"data":{"text":"a\\tb\\\\c\\"d\\u00e9\\n"}}`, true],
    ['with white space around', ` {${HEAD} , "data":\t{"n" : [1, 2]} }  `, true],
    ['with white space before the colon', `{${HEAD},"data" : 5}`, false],
    ['with data that looks like data', `{${HEAD},"data":{"data":{"x":"\\"data\\":"}}}`, true],
    ['without data', `{${HEAD}}`, true],
    ['with data null', `{${HEAD},"data":null}`, true],
    ['with data before other attributes', `{"data":{"n":1},${HEAD}}`, false],
    ['with an attribute after data', `{${HEAD},"data":{"n":1},"subject":"after"}`, true],
    [
      'with every attribute and extensions',
      `{${HEAD},"subject":"x","time":"2026-11-21T01:02:03.5+01:00","dataschema":"https://e.com","datacontenttype":"a/b","partitionkey":"é","n":-5,"yes":true,"none":null,"data_base64":"AAEC"}`,
      true,
    ],
    ['with an extension that is no integer', `{${HEAD},"n":0.1000000000000000055511151231257827,"data":1}`, false],
    ['with an extension that is an object', `{${HEAD},"o":{"data":1}}`, false],
    ['with an escape in an attribute', `{${HEAD},"subject":"a\\tb","data":1}`, false],
    ['with an attribute that looks like nothing', `{${HEAD},"subject":"\\\\N","data":"\\\\N"}`, false],
    ['with a subject of two characters, N and a sign', `{${HEAD},"subject":"N|\u007f","data":"x"}`, true],
  ])('writes an event %s by COPY as by INSERT', async (_, json, isCopied) => {
    const { sink } = await start();
    const isOdd = eventOf(json, 'copied');
    expect(copyText([{ topic: 'copied', streamId: '1795-0', json }]) !== undefined).toBe(isCopied);
    const others = Array.from({ length: 60 }, (_, n) => simple(`other-${n}`));
    const failed = await sink.write([...others, isOdd]);
    const again = await sink.write([eventOf(json, 'inserted')]);
    expect(again.map(({ error }) => error.message)).toEqual(failed.map(({ error }) => error.message));
    const { rows: both } = await client.query(
      `SELECT source, id, type, subject, time::text, datacontenttype, dataschema, data::text, data_base64, extensions::text, stream_id
       FROM millrace_events WHERE topic IN ('copied', 'inserted')`,
    );
    expect(both).toHaveLength(failed.length === 0 ? 2 : 0);
    expect(both[0]).toEqual(both[1]);
  });

  it('inserts a batch that COPY refuses: what is there already, what has a bad neighbour', async () => {
    const { sink } = await start();
    const batch = Array.from({ length: 100 }, (_, n) => simple(`${1000 + n}`, { data: n }));
    expect(await sink.write(batch.slice(0, 60))).toEqual([]);
    expect(await sink.write(batch)).toEqual([]);
    const { rows: counted } = await client.query('SELECT count(*)::int AS n FROM millrace_events');
    expect(counted).toEqual([{ n: 100 }]);
    const { sink: other } = await start();
    batch[30] = simple('1030', { time: 'the day before' });
    expect((await other.write(batch)).map(({ index }) => index)).toEqual([30]);
    expect(await ids()).toHaveLength(99);
  });

  it('says that Postgres is away, and writes the same batch once it is back', async () => {
    const { sink, url } = await start();
    await sink.write([simple('1')]);
    await server.kill();
    await expect(sink.write([simple('2')])).rejects.toThrow(Unavailable);
    await server.restart();
    await start({ url });
    expect(await sink.write([simple('2')])).toEqual([]);
    expect(await ids()).toEqual(['1', '2']);
  });

  it('loses and doubles nothing where Postgres is killed and started again while batches are written', async () => {
    const { sink, url } = await start();
    const BATCHES = 40;
    let isRunning = true;
    const insist = async (batch: SinkEvent[]): Promise<void> => {
      for (;;) {
        try {
          expect(await sink.write(batch)).toEqual([]);
          return;
        } catch (error) {
          if (!(error instanceof Unavailable)) throw error;
          await waitFor(() => isRunning, { what: 'Postgres to be back' });
        }
      }
    };
    let written = 0;
    const writing = (async () => {
      for (let n = 0; n < BATCHES; n += 1) {
        await insist(Array.from({ length: 100 }, (_, i) => simple(`${n * 100 + i}`)));
        written += 1;
      }
    })();
    await waitFor(() => written >= 3, { what: 'a few batches' });
    isRunning = false;
    await server.kill();
    await server.restart();
    isRunning = true;
    expect(written).toBeLessThan(BATCHES);
    await writing;
    await start({ url });
    const { rows: counted } = await client.query('SELECT count(*)::int AS n FROM millrace_events');
    expect(counted).toEqual([{ n: BATCHES * 100 }]);
  });

  it.each([
    ['53100', 'a full disk'],
    ['53200', 'no memory'],
    ['57P03', 'a server that starts'],
  ])('does not blame an event for %s, %s', async (code) => {
    const { sink, url } = await start();
    await sink.write([simple('1')]);
    const database = new pg.Client({ connectionString: url });
    await database.connect();
    await database.query(`
      CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '${code}'; END $$
      LANGUAGE plpgsql;
      CREATE TRIGGER refuse BEFORE INSERT ON millrace_events FOR EACH ROW EXECUTE FUNCTION refuse();`);
    await expect(sink.write([simple('2')])).rejects.toThrow(Unavailable);
    await database.query('DROP TRIGGER refuse ON millrace_events');
    await database.end();
    expect(await sink.write([simple('2')])).toEqual([]);
  });

  it('does not blame an event for a read-only server', async () => {
    const { sink, url } = await start();
    await sink.write([simple('1')]);
    const name = new URL(url).pathname.slice(1);
    await client.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    const { sink: readOnly } = await start({ url, migrates: false });
    await expect(readOnly.write([simple('2')])).rejects.toThrow(/25006.*read-only/);
    await expect(readOnly.write([simple('2')])).rejects.toThrow(Unavailable);
  });

  it('makes the table again if somebody drops it', async () => {
    const { sink } = await start();
    await sink.write([simple('1')]);
    await client.query('DROP TABLE millrace_events');
    expect(await sink.write([simple('2')])).toEqual([]);
    expect(await ids()).toEqual(['2']);
  });

  it('makes the table once when many replicas start together', async () => {
    const { url } = await start();
    const replicas = await Promise.all(Array.from({ length: 6 }, () => start({ url })));
    const results = await Promise.all(replicas.map(({ sink }, i) => sink.write([simple(String(i))])));
    expect(results).toEqual([[], [], [], [], [], []]);
    expect(await ids()).toHaveLength(6);
  });

  it('asks for the table where it may not make it', async () => {
    const { sink } = await start({ migrates: false });
    await expect(sink.write([simple('1')])).rejects.toThrow(/42P01.*"millrace_events" does not exist/);
  });

  it('leaves alone a table of that name that is not its own', async () => {
    const { sink } = await start();
    await client.query('CREATE TABLE millrace_events (id text)');
    await expect(sink.write([simple('1')])).rejects.toThrow(/42703.*column "topic" does not exist/);
  });
});
