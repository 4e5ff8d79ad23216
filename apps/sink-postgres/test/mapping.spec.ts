import { Evaluator } from '@millrace/expressions';
import { createLogger, Metrics } from '@millrace/host';
import { type SinkEvent, sinkEventOf } from '@millrace/sink';
import { PermanentError, TransientError, Unavailable } from '@millrace/streams';
import { type PostgresServer, startPostgres } from '@millrace/testkit';
import pg from 'pg';
import { MappedTable } from '../src/mapping/mapped-table.js';
import { MappingError, parseMappings } from '../src/mapping/mapping.js';
import { openPool } from '../src/pool.js';
import { PostgresSink } from '../src/postgres-sink.js';
import { SinkPostgresConfig } from '../src/sink-postgres-config.js';

const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });
const TABLE = `
  CREATE SCHEMA shop;
  CREATE TABLE shop.orders (
    id text PRIMARY KEY, amount numeric(30, 2) NOT NULL, status varchar(8), at timestamptz, lines text[], raw jsonb,
    topic text, n integer DEFAULT 7, twice numeric GENERATED ALWAYS AS (amount * 2) STORED
  )`;
const COLUMNS = '{ id: data.id, amount: data.amount, status: data.status, at: time, lines: data.lines, raw: data }';

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

const evaluator = new Evaluator({ timeoutMs: 100, memoryMb: 128 });
afterAll(() => evaluator.close());

/** A sink whose topic `orders` is mapped so, on a database of its own. */
const start = async (mapping: string, ddl = TABLE): Promise<PostgresSink> => {
  const url = await server.createDatabase(`mapping_${databases++}`);
  const pool = openPool(Object.assign(new SinkPostgresConfig(), { DATABASE_URL: url }), log);
  client = new pg.Client({ connectionString: url });
  await client.connect();
  open.push(pool, client);
  await client.query(ddl);
  const [parsed] = parseMappings(`tables: [{ topic: orders, ${mapping} }]`, 'test.yaml');
  const table = new MappedTable(pool, parsed as NonNullable<typeof parsed>, evaluator, log);
  return new PostgresSink({ of: () => table, all: [table] }, pool, new Metrics());
};

const order = (id: string, data: object, more: object = {}): SinkEvent => {
  const event = { specversion: '1.0', id: `e-${id}`, source: '/s', type: 'order', ...more, data: { id, ...data } };
  return fromJson(JSON.stringify(event));
};
const fromJson = (json: string): SinkEvent =>
  sinkEventOf({ event: { type: 'order', json }, attempt: 1, position: '1795-0', stream: 'topic:orders', partition: 0 });
const rows = async () => (await client.query('SELECT * FROM shop.orders ORDER BY id')).rows;

describe('a mapped table', () => {
  it('gets its columns from attributes, paths, JSONata and the delivery, each in its own type', async () => {
    const sink = await start(
      `table: shop.orders, keys: [id], columns: { id: data.id, amount: data.amount, at: time, lines: data.lines, raw: data,
       status: { jsonata: '$uppercase(data.status)' }, topic: $topic, n: { jsonata: '$count(data.lines) > 1 ? 1 : 0' } }`,
    );
    const json =
      '{"specversion":"1.0","id":"e","source":"/s","type":"order","time":"2026-11-21T01:02:03+01:00",' +
      '"data":{"id":"a","amount":12345678901234567890.10,"status":"paid","lines":["x","y, \\"z\\""]}}';
    expect(await sink.write([fromJson(json)])).toEqual([]);
    expect(await rows()).toEqual([
      {
        id: 'a',
        amount: '12345678901234567890.10',
        status: 'PAID',
        at: new Date('2026-11-21T00:02:03Z'),
        lines: ['x', 'y, "z"'],
        topic: 'orders',
        n: 1,
        twice: '24691357802469135780.20',
        raw: expect.objectContaining({ status: 'paid' }),
      },
    ]);
  });

  it('leaves null what an event does not have', async () => {
    const sink = await start(`table: shop.orders, keys: [id], columns: ${COLUMNS}`);
    await sink.write([order('a', { amount: 1, status: null })]);
    expect(await rows()).toMatchObject([{ id: 'a', status: null, at: null, lines: null, n: 7 }]);
  });

  it('by insert keeps what is there', async () => {
    const sink = await start(`table: shop.orders, keys: [id], columns: ${COLUMNS}`);
    await sink.write([order('a', { amount: 1 }), order('a', { amount: 2 })]);
    await sink.write([order('a', { amount: 3 }), order('b', { amount: 4 })]);
    expect((await rows()).map(({ id, amount }) => [id, amount])).toEqual([
      ['a', '1.00'],
      ['b', '4.00'],
    ]);
  });

  it('by upsert has the last of each key, also where a batch has several', async () => {
    const sink = await start(`table: shop.orders, mode: upsert, keys: [id], columns: ${COLUMNS}`);
    await sink.write([order('a', { amount: 1 }), order('b', { amount: 1 }), order('a', { amount: 2 })]);
    await sink.write([order('b', { amount: 3, status: 'paid' })]);
    expect(await rows()).toMatchObject([
      { id: 'a', amount: '2.00' },
      { id: 'b', amount: '3.00', status: 'paid' },
    ]);
  });

  it('by upsert changes only what it is told to, and never for an older one', async () => {
    const sink = await start(
      `table: shop.orders, mode: upsert, keys: [id], update: [amount, at], newest: at, columns: ${COLUMNS}`,
    );
    const at = (day: number) => ({ time: `2026-11-${day}T00:00:00Z` });
    await sink.write([order('a', { amount: 2, status: 'new' }, at(12)), order('a', { amount: 1 }, at(11))]);
    await sink.write([order('a', { amount: 0 }, at(10))]);
    expect(await rows()).toMatchObject([{ amount: '2.00', status: 'new' }]);
    await sink.write([order('a', { amount: 3, status: 'paid' }, at(13))]);
    expect(await rows()).toMatchObject([{ amount: '3.00', status: 'new', at: new Date('2026-11-13') }]);
  });

  it('by upsert comes to the same in one batch and one by one', async () => {
    const mapping = `table: shop.orders, mode: upsert, keys: [id], update: [status], columns: ${COLUMNS}`;
    const events = [order('a', { amount: 1, status: 'new' }), order('a', { amount: 2, status: 'paid' })];
    const together = await start(mapping);
    await together.write(events);
    const [row] = await rows();
    const single = await start(mapping);
    for (const event of events) await single.write([event]);
    expect(row).toMatchObject({ amount: '1.00', status: 'paid' });
    expect((await rows())[0]).toMatchObject({ amount: '1.00', status: 'paid' });
  });

  it.each([
    ['a regular expression that never ends', '$match(data.text, /^(?=a)(a|aa)+$/) ? 1 : 0', TransientError],
    [
      'a string that is doubled until the memory is gone',
      '($f := function($n, $s) { $n = 0 ? $s : $f($n - 1, $s & $s) }; data.text ? $length($uppercase($f(27, "ab"))) : 0)',
      TransientError,
    ],
  ])('outlives %s, and writes the neighbours', async (_, expression, failure) => {
    const sink = await start(
      `table: shop.orders, keys: [id], columns: { id: data.id, amount: data.amount, n: { jsonata: '${expression}' } }`,
    );
    const text = `${'a'.repeat(60)}b`;
    const failures = await sink.write([
      order('a', { amount: 1 }),
      order('b', { amount: 2, text }),
      order('c', { amount: 3 }),
    ]);
    expect(failures).toMatchObject([{ index: 1, error: expect.any(failure) }]);
    expect((await rows()).map(({ id }) => id)).toEqual(['a', 'c']);
  });

  it('matches a regular expression in linear time where RE2 has it', async () => {
    const sink = await start(
      "table: shop.orders, keys: [id], columns: { id: data.id, amount: data.amount, n: { jsonata: '$contains(data.text, /^(a+)+$/) ? 1 : 0' } }",
    );
    expect(await sink.write([order('a', { amount: 1, text: `${'a'.repeat(60)}b` })])).toEqual([]);
    expect(await rows()).toMatchObject([{ n: 0 }]);
  });

  it('gives each evaluation its own time', async () => {
    const sink = await start(
      "table: shop.orders, keys: [id], columns: { id: data.id, amount: { jsonata: '$sum(data.lines.(price * quantity))' } }",
    );
    const lines = Array.from({ length: 30 }, (_, n) => ({ price: n, quantity: 2 }));
    const failures = await sink.write(Array.from({ length: 500 }, (_, n) => order(String(n), { lines })));
    // A busy machine may put one off for longer than it has; with one time for all, every one after the first tenth
    // of a second would fail.
    expect(failures.length).toBeLessThan(50);
  });

  it('dead-letters what a trigger refuses, and its neighbours land', async () => {
    const trigger = `
      CREATE FUNCTION shop.check_order() RETURNS trigger AS $$
      BEGIN IF NEW.amount < 0 THEN RAISE EXCEPTION 'negative'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql;
      CREATE TRIGGER check_order BEFORE INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.check_order();`;
    const sink = await start(`table: shop.orders, keys: [id], columns: ${COLUMNS}`, `${TABLE};${trigger}`);
    const failures = await sink.write([
      order('a', { amount: 1 }),
      order('b', { amount: -1 }),
      order('c', { amount: 2 }),
    ]);
    expect(failures).toMatchObject([{ index: 1, error: expect.any(PermanentError) }]);
    expect((await rows()).map(({ id }) => id)).toEqual(['a', 'c']);
  });

  it('tries again what a type of its own cannot read, and its neighbours land', async () => {
    const sink = await start(
      'table: rules, keys: [id], columns: { id: data.id, query: data.query }',
      'CREATE TABLE rules (id text PRIMARY KEY, query tsquery)',
    );
    const failures = await sink.write([order('a', { query: 'cat' }), order('b', { query: 'cat &' })]);
    expect(failures).toMatchObject([{ index: 1, error: expect.any(TransientError) }]);
    expect((await client.query('SELECT id FROM rules')).rows).toEqual([{ id: 'a' }]);
  });

  it('finds a table whose name has capitals, and a key that includes other columns', async () => {
    const sink = await start(
      'table: Orders, keys: [id], columns: { id: data.id, amount: data.amount }',
      'CREATE TABLE "Orders" (id text NOT NULL, amount numeric); CREATE UNIQUE INDEX ON "Orders" (id) INCLUDE (amount)',
    );
    expect(await sink.write([order('a', { amount: 1 })])).toEqual([]);
    expect((await client.query('SELECT id FROM "Orders"')).rows).toEqual([{ id: 'a' }]);
  });

  it('by append has a row for each event', async () => {
    const sink = await start(
      'table: log, mode: append, columns: { id: data.id }',
      'CREATE TABLE log (id text, n serial)',
    );
    await sink.write([order('a', {}), order('a', {})]);
    expect((await client.query('SELECT id FROM log')).rows).toEqual([{ id: 'a' }, { id: 'a' }]);
  });

  it('takes the bytes of data_base64', async () => {
    const sink = await start(
      'table: files, mode: append, columns: { body: data_base64 }',
      'CREATE TABLE files (body bytea)',
    );
    await sink.write([fromJson('{"specversion":"1.0","id":"e","source":"/s","type":"t","data_base64":"AAEC"}')]);
    expect((await client.query('SELECT body FROM files')).rows).toEqual([{ body: Buffer.from([0, 1, 2]) }]);
  });

  it('names the column and the value of one bad row in a thousand; the others land in one pass', async () => {
    const sink = await start(`table: shop.orders, keys: [id], columns: ${COLUMNS}`);
    const batch = Array.from({ length: 1000 }, (_, n) => order(String(n), { amount: n }));
    batch[377] = order('377', { amount: 'a lot' });
    const failures = await sink.write(batch);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ index: 377, error: expect.any(PermanentError) });
    expect(failures[0]?.error.message).toMatch(/^Postgres 22P02: .*; column amount does not accept "a lot"$/);
    expect(await rows()).toHaveLength(999);
  });

  it.each([
    [{ amount: null }, /^Postgres 23502: .*column amount/],
    [{ amount: 1, status: 'far too long' }, /^Postgres 22001: .*; column status does not accept "far too long"$/],
    [{ amount: 1e30 }, /^Postgres 22003: .*; column amount does not accept "1e\+?30"|1000000000000000000000000000000/],
    [{ amount: 1, lines: 'x' }, /^Postgres 22P02: .*; column lines does not accept "x"$/],
  ])('dead-letters %j and says why', async (data, message) => {
    const sink = await start(`table: shop.orders, keys: [id], columns: ${COLUMNS}`);
    const failures = await sink.write([order('good', { amount: 1 }), order('bad', data)]);
    expect(failures).toMatchObject([{ index: 1, error: expect.any(PermanentError) }]);
    expect(failures[0]?.error.message).toMatch(message);
    expect((await rows()).map(({ id }) => id)).toEqual(['good']);
  });

  it('dead-letters what an expression cannot make', async () => {
    const sink = await start(
      "table: shop.orders, keys: [id], columns: { id: data.id, amount: { jsonata: 'data.amount * 2' } }",
    );
    const failures = await sink.write([order('a', { amount: 'x' }), order('b', { amount: 4 })]);
    expect(failures).toMatchObject([{ index: 0, error: expect.any(PermanentError) }]);
    expect(failures[0]?.error.message).toMatch(/^table shop.orders: .* at character \d+ of an expression$/);
    expect(await rows()).toMatchObject([{ id: 'b', amount: '8.00' }]);
  });

  it.each([
    [
      'table: shop.nothing, keys: [id], columns: { id: data.id }',
      /table shop.nothing, for topic "orders": the table does not exist/,
    ],
    [
      'table: shop.orders, keys: [id], columns: { id: data.id, colour: data.c }',
      /it has no column colour; it has id, amount, status/,
    ],
    [
      'table: shop.orders, keys: [id], columns: { id: data.id }',
      /column amount is NOT NULL without a default, and nothing is mapped/,
    ],
    [
      'table: shop.orders, keys: [amount], columns: { id: data.id, amount: data.amount }',
      /no primary key or unique index on \(amount\); there are: \(id\)/,
    ],
    [
      'table: shop.orders, keys: [status], columns: { id: data.id, amount: data.amount, status: data.s }',
      /key status is nullable/,
    ],
    [
      'table: shop.orders, keys: [id], columns: { id: data.id, amount: data.amount, twice: data.t }',
      /column twice is generated/,
    ],
  ])('waits where the table does not fit: %s', async (mapping, message) => {
    const sink = await start(mapping);
    const write = sink.write([order('a', { amount: 1 })]);
    await expect(write).rejects.toThrow(Unavailable);
    await expect(sink.write([order('a', { amount: 1 })])).rejects.toThrow(message);
  });

  it('goes on when the table was put right', async () => {
    const sink = await start(
      'table: shop.orders, keys: [id], columns: { id: data.id, amount: data.amount, colour: data.c }',
    );
    await expect(sink.write([order('a', { amount: 1 })])).rejects.toThrow(/no column colour/);
    await client.query('ALTER TABLE shop.orders ADD colour text');
    expect(await sink.write([order('a', { amount: 1, c: 'red' })])).toEqual([]);
    await client.query('ALTER TABLE shop.orders DROP colour');
    await expect(sink.write([order('b', { amount: 1 })])).rejects.toThrow(Unavailable);
    await expect(sink.write([order('b', { amount: 1 })])).rejects.toThrow(/no column colour/);
  });
});

describe('a file of mappings', () => {
  const table = (rest: string) => `tables: [{ topic: orders, table: orders, ${rest} }]`;
  it.each([
    ['tables: {}', /^f: a file of mappings has a list under "tables"/],
    ['tables: [', /^f: /],
    ['tables: [{ table: t }]', /^f: table 1: topic must be .*, got nothing/],
    ['tables: [{ topic: a b }]', /topic must be the name of a topic, got "a b"/],
    [
      'tables: [{ topic: orders, table: "a;b", columns: { a: b }, mode: append }]',
      /table must be a name such as orders or shop.orders, got "a;b"/,
    ],
    [table('columns: {}, mode: append'), /columns must be .*, got \{\}/],
    [table('columns: { "a b": c }, mode: append'), /"a b" is not a valid column name/],
    [table('columns: { a: 5 }, mode: append'), /column a must be a path.*, got 5/],
    [table('columns: { a: $now }, mode: append'), /column a must be a path.*, got "\$now"/],
    [table('columns: { a: { jsonata: "1 +" } }, mode: append'), /column a: .* at character \d+ of: 1 \+/],
    [table('columns: { a: b }, mode: replace'), /mode must be one of insert, upsert, append, got "replace"/],
    [table('columns: { a: b }'), /keys must be a list of its columns, got nothing/],
    [table('columns: { a: b }, keys: [c]'), /keys names "c", which is not one of its columns/],
    [table('columns: { a: b }, keys: [a], mode: upsert'), /nothing to update/],
    [
      table('columns: { a: b, c: d }, keys: [a], mode: upsert, update: [a]'),
      /update names a, which is one of its keys/,
    ],
    [table('columns: { a: b }, keys: [a], newest: a'), /newest is not allowed with mode insert/],
    [table('columns: { a: b }, mode: append, keys: [a]'), /keys is not allowed with mode append/],
    [table('columns: { a: b }, mode: append, colour: red'), /"colour" is unknown/],
    [
      'tables: [{ topic: o, table: t, mode: append, columns: { a: b } }, { topic: o, table: t, mode: append, columns: { a: b } }]',
      /topic "o" is mapped twice/,
    ],
  ])('refuses %s', (text, message) => {
    expect(() => parseMappings(text, 'f')).toThrow(MappingError);
    expect(() => parseMappings(text, 'f')).toThrow(message);
  });
});
