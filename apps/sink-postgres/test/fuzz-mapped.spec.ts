import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import { exact, json, number, text, time } from './fixtures/arbitraries.js';
import { Databases, delivered, type StartedSink } from './fixtures/databases.js';
import { CODES, check, raising } from './fixtures/landed.js';

const databases = new Databases();
beforeAll(() => databases.start(), 60_000);
afterAll(() => databases.stop());

/** A value for a column: JSON text, and what the column has then, as JSON text; undefined where it cannot. */
interface Value {
  readonly json: string;
  readonly stands: string | undefined;
}
const takes = (jsonText: string, stands = jsonText): Value => ({ json: jsonText, stands });
const refuses = (jsonText: string): Value => ({ json: jsonText, stands: undefined });
const quoted = (value: string): string => JSON.stringify(value);
const utc = (at: string): string => quoted(new Date(at).toISOString());

/** An array of arrays of one length. */
const grid = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
  .map(([rows, columns]) =>
    Array.from({ length: rows }, (_, y) => Array.from({ length: columns }, (__, x) => x * y - 3)),
  );

const mostly = (some: fc.Arbitrary<Value>, ...odd: readonly string[]): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 40, arbitrary: some }, { weight: 1, arbitrary: fc.constantFrom(...odd).map(refuses) });
const as = <T>(of: fc.Arbitrary<T>, json: (value: T) => string): fc.Arbitrary<Value> =>
  of.map((value) => takes(json(value)));
const notNull = json.filter(({ text: one }) => one !== 'null');

const COLUMNS: Readonly<Record<string, { readonly type: string; readonly values: fc.Arbitrary<Value> }>> = {
  t: { type: 'text', values: as(text(), quoted) },
  v: {
    type: 'varchar(5)',
    values: mostly(
      as(
        text(5).filter((one) => [...one].length <= 5),
        quoted,
      ),
      '"123456"',
    ),
  },
  c: { type: 'char(3)', values: mostly(as(fc.constantFrom('abc', 'äöü'), quoted), '"abcd"') },
  n: { type: 'numeric', values: mostly(as(number, String), '"a lot"') },
  i: {
    type: 'integer',
    values: mostly(
      fc.oneof(
        as(fc.integer(), String),
        as(fc.integer(), (one) => `${one}.00`),
      ),
      '2147483648',
      '1.5',
      '"x"',
      '1e30',
    ),
  },
  b: {
    type: 'bigint',
    values: mostly(as(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), String), '9223372036854775808'),
  },
  f: {
    type: 'double precision',
    values: mostly(as(fc.double({ noNaN: true, noDefaultInfinity: true }), JSON.stringify), '1e400'),
  },
  o: { type: 'boolean', values: mostly(as(fc.boolean(), String), '"maybe"') },
  s: {
    type: 'timestamp',
    values: mostly(
      time(1000, 9998).map((one) => takes(quoted(one), utc(one))),
      '"never"',
    ),
  },
  z: {
    type: 'timestamptz',
    values: mostly(
      time(1000, 9998).map((one) => takes(quoted(one), utc(one))),
      '"2026-02-30T00:00:00Z"',
    ),
  },
  j: { type: 'jsonb', values: as(notNull, (one) => one.text) },
  k: { type: 'doc', values: as(notNull, (one) => one.text) },
  a: {
    type: 'text[]',
    values: mostly(as(fc.array(text(), { maxLength: 4 }), JSON.stringify), '"x"', '[["a"],["b","c"]]'),
  },
  m: {
    type: 'numeric[]',
    values: mostly(
      as(fc.array(number, { maxLength: 4 }), (one) => `[${one}]`),
      '["x"]',
    ),
  },
  w: { type: 'integer[]', values: mostly(as(grid, JSON.stringify), '[[1],[2,3]]', '[1.5]') },
  l: {
    type: 'docs',
    values: mostly(
      as(fc.array(json, { maxLength: 4 }), (all) => `[${all.map((one) => one.text)}]`),
      '{}',
    ),
  },
  y: {
    type: 'bytea',
    values: mostly(
      as(fc.uint8Array({ maxLength: 12 }), (one) => quoted(Buffer.from(one).toString('base64'))),
      '"*"',
    ),
  },
  u: { type: 'uuid', values: mostly(as(fc.uuid(), quoted), '"u"') },
};
const NAMES = Object.keys(COLUMNS);
const asJson = (name: string): string => {
  const { type } = COLUMNS[name] as { type: string };
  if (type === 'bytea') return `to_json(translate(encode(${name}, 'base64'), E'\\n', ''))`;
  if (type.startsWith('timestamp')) {
    const local = type === 'timestamp' ? name : `${name} AT TIME ZONE 'UTC'`;
    return `to_json(to_char(${local}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`;
  }
  return `to_json(${name})`;
};

/** A row of a mapped table: of each column nothing, null, what it takes, or what it does not. */
const mapped = fc
  .record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    values: fc.record(
      Object.fromEntries(NAMES.map((name) => [name, (COLUMNS[name] as { values: fc.Arbitrary<Value> }).values])),
      { requiredKeys: [] },
    ),
    raise: fc.option(fc.constantFrom(...CODES), { freq: 12 }),
  })
  .map(({ key, values, raise }) => {
    const given = Object.entries(values as Record<string, Value>);
    return {
      key,
      members: `"raise":${JSON.stringify(raise)}${given.map(([name, { json: one }]) => `,"${name}":${one}`).join('')}`,
      isGood: raise === null && given.every(([, { stands }]) => stands !== undefined),
      stands: Object.fromEntries(NAMES.map((name) => [name, (values as Record<string, Value>)[name]?.stands ?? null])),
    };
  });

describe.each(['insert', 'upsert', 'append'])('any values in a mapped table, by %s', (mode) => {
  const keys = mode === 'append' ? '' : ', keys: [key]';
  let started: StartedSink;
  beforeAll(async () => {
    const columns = NAMES.map((name) => `${name} ${(COLUMNS[name] as { type: string }).type}`).join(', ');
    started = await databases.sink({
      ddl: `CREATE DOMAIN doc AS jsonb; CREATE DOMAIN docs AS jsonb[];
            CREATE TABLE t (key text${mode === 'append' ? '' : ' PRIMARY KEY'}, raise text, position text, ${columns});
            ${raising('t', 'NEW.raise')}`,
      tables: `[{ topic: orders, table: t, mode: ${mode}${keys}, columns: { key: data.key, raise: data.raise, position: $position,
                 ${NAMES.map((name) => `"${name}": data.${name}`).join(', ')} } }]`,
    });
  });

  it('are there as they were sent, and each bad one is one failure', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(mapped, { minLength: 1, maxLength: 25 }), async (events) => {
        await started.client.query('TRUNCATE t');
        const sure = {
          key: 'sure',
          members: '"n":null',
          isGood: true,
          stands: Object.fromEntries(NAMES.map((name) => [name, null])),
        };
        const batch = [sure, ...events].map((one, n) => {
          // Of one key the last is written alone, so a bad one before it would be none.
          const key = one.isGood ? one.key : `bad${n}`;
          const data = `{"key":"${key}",${one.members}}`;
          return {
            ...one,
            key,
            event: delivered(`{"specversion":"1.0","id":"${n}","source":"/s","type":"t","data":${data}}`),
          };
        });
        await check(started, batch);
        const expected = new Map<string, unknown>();
        for (const {
          key,
          isGood,
          stands,
          event: { delivery },
        } of batch) {
          const name = mode === 'append' ? delivery.position : key;
          if (!isGood || (mode === 'insert' && expected.has(name))) continue;
          expected.set(
            name,
            Object.fromEntries(
              NAMES.map((column) => [column, exact(String((stands as Record<string, unknown>)[column] ?? null))]),
            ),
          );
        }
        const name = mode === 'append' ? 'position' : 'key';
        const { rows } = await started.client.query<Record<string, string>>(
          `SELECT ${name} AS name, ${NAMES.map((column) => `${asJson(column)}::text AS ${column}`).join(', ')} FROM t`,
        );
        const found = new Map(
          rows.map((row) => [
            row['name'] as string,
            Object.fromEntries(NAMES.map((column) => [column, exact(row[column] ?? 'null')])),
          ]),
        );
        expect(found).toEqual(expected);
      }),
      { numRuns: fuzzRuns(30) },
    );
  }, 600_000);
});
