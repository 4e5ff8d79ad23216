import { PermanentError } from '@millrace/streams';
import { Databases, delivered, eventWith, type StartedSink, told } from './fixtures/databases.js';

const databases = new Databases();
beforeAll(() => databases.start(), 60_000);
afterAll(() => databases.stop());
afterEach(() => databases.closeAll());

const withData = (json: string) =>
  delivered(`{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"id":"1","v":${json}}}`);

/** A table with one column of this type, from `data.v` or from an expression. */
const column = (type: string, from = 'data.v', ddl = ''): Promise<StartedSink> =>
  databases.sink({
    ddl: `CREATE EXTENSION IF NOT EXISTS citext; ${ddl}; CREATE TABLE t (id text PRIMARY KEY, v ${type})`,
    tables: `[{ topic: orders, table: t, keys: [id], columns: { id: data.id, v: ${from} } }]`,
  });

/** What stands in the column after this JSON came, as text; or the error. */
const written = async ({ sink, client }: StartedSink, json: string): Promise<string | null | undefined> => {
  await client.query('DELETE FROM t');
  // Beside one that lands: then it is the row's fault, whatever it is.
  const [failure] = await sink.write([withData(json), eventWith('2', { id: '2' })]);
  if (failure !== undefined) return `${failure.error.name}: ${failure.error.message}`;
  const { rows } = await client.query<{ v: string | null }>("SELECT v::text FROM t WHERE id = '1'");
  return rows[0]?.v;
};

const DOMAINS = `
  CREATE DOMAIN tags AS text[]; CREATE DOMAIN doc AS jsonb; CREATE DOMAIN short AS varchar(3); CREATE DOMAIN shorter AS short;
  CREATE DOMAIN whole AS integer CHECK (VALUE > 0); CREATE DOMAIN at AS timestamp`;

describe('a mapped column', () => {
  it.each([
    ['timestamp', '"2026-11-21T01:02:03+01:00"', '2026-11-21 00:02:03'],
    ['timestamp', '"2026-11-21T01:02:03.5Z"', '2026-11-21 01:02:03.5'],
    ['timestamp(0)', '"2026-11-21T01:02:03-0130"', '2026-11-21 02:32:03'],
    ['timestamp', '"2026-11-21 01:02 Europe/Berlin"', '2026-11-21 00:02:00'],
    ['timestamp', '"2026-11-21T01:02:03"', '2026-11-21 01:02:03'],
    ['timestamp', '"2026-11-21 01:02:03 PM"', '2026-11-21 13:02:03'],
    ['timestamp', '"2026-11-21"', '2026-11-21 00:00:00'],
    ['timestamp', 'null', null],
    ['at', '"2026-11-21T01:02:03+01:00"', '2026-11-21 00:02:03'],
    ['timestamp[]', '["2026-11-21T01:02:03+01:00",null]', '{"2026-11-21 00:02:03",NULL}'],
    ['tags', '["a","b c",null]', '{a,"b c",NULL}'],
    ['text[]', '["a"]', '{a}'],
    ['text[]', '[]', '{}'],
    ['text[]', 'null', null],
    ['text[]', '[["a","b"],["c","d"]]', '{{a,b},{c,d}}'],
    ['integer[][]', '[[1,2],[3,4]]', '{{1,2},{3,4}}'],
    ['numeric[]', '[[[12345678901234567890.10]]]', '{{{12345678901234567890.10}}}'],
    ['jsonb[]', '[{"a":1},[1,2],"x",null]', '{"{\\"a\\": 1}","[1, 2]","\\"x\\"",NULL}'],
    ['doc', '"5"', '"5"'],
    ['doc', '{"n":1e400}', `{"n": 1${'0'.repeat(400)}}`],
    ['doc[]', '[{"a":1}]', '{"{\\"a\\": 1}"}'],
    ['json', '[1]', '[1]'],
    ['bytea', '"AAEC"', '\\x000102'],
    ['bytea[]', '["AAEC","/w=="]', '{"\\\\x000102","\\\\xff"}'],
    ['integer', '5.0', '5'],
    ['bigint', '-9007199254740993.00', '-9007199254740993'],
    ['smallint[]', '[5.0,6]', '{5,6}'],
    ['whole', '5.0', '5'],
    ['numeric', '12345678901234567890.10', '12345678901234567890.10'],
    ['citext', '"Ab"', 'Ab'],
    ['shorter', '"abc"', 'abc'],
    ['boolean', 'true', 'true'],
    ['uuid', '"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ])('of %s takes %s', async (type, json, value) => {
    expect(await written(await column(type, 'data.v', DOMAINS), json)).toBe(value);
  });

  it.each([
    ['integer', '5.5', /22P02/],
    ['integer', '3e9', /22003/],
    ['integer[]', '[5.5]', /22P02/],
    ['integer[]', '[[1],[2,3]]', /22P02|2202E/],
    ['short', '"abcd"', /22001/],
    ['shorter', '"abcd"', /22001/],
    ['varchar(2)[]', '["abc"]', /22001/],
    ['char(2)', '"abc"', /22001/],
    ['whole', '-1', /23514/],
    ['timestamp[]', '[["2026-11-21T01:02:03+01:00"]]', /22P02/],
    ['timestamp[]', '"{2026-11-21T01:02:03+01:00}"', /22P02/],
    ['bytea[]', '[["AAEC"]]', /22P02/],
    ['bytea', '"no base64!"', /22023/],
    ['jsonb[]', '"{1}"', /22P02/],
    ['text', '"a\\u0000b"', /22P05.*; Postgres does not accept the event as JSON$/],
    ['text', '"\\ud800"', /22P0.*; Postgres does not accept the event as JSON$/],
    ['text', '"a\nb"', /22P02.*; Postgres does not accept the event as JSON$/s],
  ])('of %s refuses %s', async (type, json, message) => {
    const result = await written(await column(type, 'data.v', DOMAINS), json);
    expect(result).toMatch(/^PermanentError: /);
    expect(result).toMatch(message);
  });

  it.each([
    ['text[]', "'data.v.sku'", '[{"sku":"a"}]', '{a}'],
    ['text[]', "'data.v.sku'", '[{"sku":"a"},{"sku":"b"}]', '{a,b}'],
    ['text[]', "'data.v.sku'", '[]', null],
    ['jsonb[]', "'data.v'", '{"a":1}', '{"{\\"a\\": 1}"}'],
    ['tags', "'data.v'", '"a"', '{a}'],
    ['integer', "'$sum(data.v)'", '[1.5,1.5]', '3'],
    ['numeric', "'data.v * 2'", '0.1', '0.2'],
    ['text', "'data.id'", '12345678901234567890', '1'],
    ['jsonb', "'data.v'", '9007199254740993', '9007199254740993'],
    ['jsonb', "'data.v'", '[123456789012345678]', '[123456789012345678]'],
    ['numeric', "'data.v'", '12345678901234567890.10', '12345678901234567890.10'],
    ['jsonb', "'data.v'", '[9007199254740991,1e22,0.1]', '[9007199254740991, 10000000000000000000000, 0.1]'],
  ])('of %s takes %s of %s', async (type, expression, json, value) => {
    expect(await written(await column(type, `{ jsonata: ${expression} }`, DOMAINS), json)).toBe(value);
  });

  it.each([
    ["'$string(data.v)'", '0.12345678901234567890', /0.12345678901234567890 is a number that a double does not hold/],
    [
      "'data.v > 5'",
      '12345678901234567890',
      /12345678901234567890, which no double holds, can be passed on, and no more/,
    ],
    ["'data.v * 10'", '9007199254740991', /the result has 90071992547409900, which the arithmetic of doubles may have/],
    ["'1 / data.v'", '0', /the result has Infinity, which JSON does not have/],
  ])('refuses %s of %s, which would be rounded', async (expression, json, message) => {
    const result = await written(await column('jsonb', `{ jsonata: ${expression} }`), json);
    expect(result).toMatch(/^PermanentError: table t: /);
    expect(result).toMatch(message);
  });
});

describe('an upsert', () => {
  const KEYS = [
    ['char(5)', ['a', 'a ', 'b'], ''],
    ['citext', ['a', 'A', 'b'], ''],
    ['text COLLATE fold', ['a', 'A', 'b'], ''],
    ['numeric', ['1', '1.0', '2'], ''],
    ['double precision', ['0', '-0', '1'], ''],
    [
      'text',
      ['a', 'A', 'b'],
      `CREATE FUNCTION small() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.k := lower(NEW.k); RETURN NEW; END $$;
       CREATE TRIGGER small BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION small();`,
    ],
  ] as const;
  it.each(KEYS)('has the last of keys that are equal for %s: %j', async (type, [one, same, other], more) => {
    const { sink, client } = await databases.sink({
      ddl: `CREATE EXTENSION citext;
            CREATE COLLATION fold (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
            CREATE TABLE t (k ${type} PRIMARY KEY, n integer, first integer); ${more}`,
      tables:
        '[{ topic: orders, table: t, mode: upsert, keys: [k], update: [n], columns: { k: data.k, n: data.n, first: data.n } }]',
    });
    const keys = [one, other, same, other, one, same];
    expect(await sink.write(keys.map((k, n) => eventWith(`${n}`, { k, n })))).toEqual([]);
    const { rows } = await client.query('SELECT n, first FROM t ORDER BY n');
    expect(rows).toEqual([
      { n: 3, first: 1 },
      { n: 5, first: 0 },
    ]);
  });

  it('with a newer time in another zone wins', async () => {
    const { sink, client } = await databases.sink({
      ddl: 'CREATE TABLE t (id text PRIMARY KEY, at timestamp, n integer)',
      tables:
        '[{ topic: orders, table: t, mode: upsert, keys: [id], newest: at, columns: { id: data.id, at: time, n: data.n } }]',
    });
    await sink.write([eventWith('1', { id: 'a', n: 1 }, { time: '2026-11-21T10:00:00+05:00' })]);
    await sink.write([eventWith('2', { id: 'a', n: 2 }, { time: '2026-11-21T06:00:00Z' })]);
    expect((await client.query('SELECT n FROM t')).rows).toEqual([{ n: 2 }]);
  });
});

describe('a month', () => {
  it.each([
    ['2021-05-31T23:59:59.9999999Z', '2021_06'],
    ['2021-05-31T23:59:59.9999994Z', '2021_05'],
    ['2021-06-01T00:59:59+01:00', '2021_05'],
    ['2020-12-31T23:59:60Z', '2021_01'],
  ])('of %s is that to which Postgres rounds it', async (time, name) => {
    const { sink, client } = await databases.sink({ isPartitioned: true });
    expect(await sink.write([eventWith('1', {}, { time })])).toEqual([]);
    const { rows } = await client.query('SELECT tableoid::regclass::text AS name FROM millrace_events');
    expect(rows).toEqual([{ name: `millrace_events_${name}` }]);
  });

  it('that is missing is reported, with those that are there', async () => {
    const { sink } = await databases.sink({ isPartitioned: true });
    const [failure] = await sink.write([eventWith('1', {}, { time: '1066-10-14T09:00:00Z' })]);
    expect(failure?.error).toBeInstanceOf(PermanentError);
    expect(failure?.error.message).toMatch(
      /^Postgres 23514: no partition .*; partitions are created from 10 years ago to 3 months ahead; create others yourself.*; column time does not accept "1066-10-14T09:00:00Z"$/,
    );
    expect(told([failure as never])).toEqual(['0 PermanentError']);
  });
});
