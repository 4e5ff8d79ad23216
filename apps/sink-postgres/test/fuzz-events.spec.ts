import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import { badJson, exact, json, jsonString, time } from './fixtures/arbitraries.js';
import { Databases, delivered, type StartedSink } from './fixtures/databases.js';
import { CODES, check, raising } from './fixtures/landed.js';

const databases = new Databases();
beforeAll(() => databases.start(), 60_000);
afterAll(() => databases.stop());

/** An event as text, and whether it is to land. */
interface Sent {
  readonly json: string;
  readonly isGood: boolean;
}

const shuffled = (members: readonly string[], seed: number): string[] =>
  members
    .map((member, n) => [(Math.imul(n + 1, 2654435761) ^ Math.imul(seed, 40503)) >>> 0, member] as const)
    .sort(([a], [b]) => a - b)
    .map(([, member]) => member);

const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const good = <T>(one: fc.Arbitrary<T>) => one.map((value) => ({ value, isGood: true }));
const bad = <T>(one: fc.Arbitrary<T>) => one.map((value) => ({ value, isGood: false }));
const EXTENSIONS = ['partitionkey', 'n', 'traceparent', 'proto'];

/**
 * An event for the table of events: its members in any order, its strings with any escapes. Those that are all good are as COPY
 * takes them: without an escape before `data`, which comes last.
 */
const event = (isPartitioned: boolean, isAllGood: boolean): fc.Arbitrary<Sent> => {
  const anyText = jsonString(20).map((one) => one.text);
  const attribute = isAllGood ? anyText.filter((one) => !one.includes('\\')) : anyText;
  const extension = isAllGood
    ? fc.oneof(attribute, fc.maxSafeInteger().map(String))
    : fc.oneof(
        attribute,
        json.map((one) => one.text),
      );
  const times = fc.oneof(
    { weight: 8, arbitrary: good(time().map((one) => `"${one}"`)) },
    ...(isAllGood
      ? []
      : [
          {
            weight: 1,
            arbitrary: bad(
              fc.constantFrom('"the day before"', '"2026-02-30T00:00:00Z"', '"2026-13-01T00:00:00Z"', '""'),
            ),
          },
        ]),
    ...(isPartitioned && !isAllGood
      ? [{ weight: 1, arbitrary: bad(fc.constantFrom('"1066-10-14T09:00:00Z"', '"2999-01-01T00:00:00Z"')) }]
      : []),
  );
  const data = fc.oneof(
    { weight: 8, arbitrary: good(json.map((one) => one.text)) },
    ...(isAllGood ? [] : [{ weight: 1, arbitrary: bad(badJson.map((one) => one.text).filter((one) => one !== '')) }]),
    ...(isAllGood
      ? []
      : [{ weight: 1, arbitrary: bad(fc.constantFrom(...CODES).map((code) => `{"raise":"${code}"}`)) }]),
  );
  return fc
    .record({
      id: attribute,
      source: attribute,
      type: attribute,
      subject: optional(attribute),
      time: isPartitioned ? times : optional(times),
      datacontenttype: optional(attribute),
      dataschema: optional(attribute),
      data: optional(data),
      data_base64: optional(fc.base64String({ maxLength: 16 }).map((one) => `"${one}"`)),
      extensions: fc.dictionary(fc.constantFrom(...EXTENSIONS), extension, { maxKeys: 3 }),
      order: isAllGood ? fc.constant(null) : fc.option(fc.nat(), { freq: 2 }),
    })
    .map(({ order, extensions, time: at, data: payload, ...members }) => {
      const all: [string, string | undefined][] = [
        ...(Object.entries({ specversion: '"1.0"', ...members }) as [string, string | undefined][]),
        ['time', at?.value],
        ...Object.entries(extensions),
        ['data', payload?.value],
      ];
      const written = all.flatMap(([name, value]) => (value === undefined ? [] : [`"${name}":${value}`]));
      return {
        json: `{${(order === null ? written : shuffled(written, order)).join(',')}}`,
        isGood: at?.isGood !== false && payload?.isGood !== false,
      };
    });
};

/** Enough for COPY, and none twice: then it would be an INSERT. */
const distinct = (one: fc.Arbitrary<Sent>): fc.Arbitrary<Sent[]> =>
  fc.uniqueArray(one, { minLength: 50, maxLength: 70, selector: ({ json: of }) => JSON.parse(of).id as string });

const ATTRIBUTES = ['source', 'id', 'type', 'subject', 'datacontenttype', 'dataschema', 'data_base64'];
const STANDARD = new Set([...ATTRIBUTES, 'specversion', 'time', 'data']);

/** What is to stand in the table of events. */
const rowOf = (text_: string): Record<string, unknown> => {
  const plain = JSON.parse(text_) as Record<string, string>;
  const whole = exact(text_) as Record<string, unknown>;
  const extensions = Object.entries(whole).filter(([name]) => !STANDARD.has(name));
  return {
    ...Object.fromEntries(ATTRIBUTES.map((name) => [name, plain[name] ?? null])),
    time: plain['time'] === undefined ? null : Date.parse(plain['time']),
    data: 'data' in whole ? whole['data'] : undefined,
    extensions: extensions.length === 0 ? undefined : Object.fromEntries(extensions),
  };
};

interface StoredEvent {
  readonly stream_id: string;
  readonly at: string | null;
  readonly data: string | null;
  readonly extensions: string | null;
}

const stored = async ({ client }: StartedSink): Promise<Map<string, unknown>> => {
  const { rows } = await client.query<StoredEvent & Record<string, string>>(
    `SELECT ${ATTRIBUTES.join(', ')}, stream_id, extract(epoch FROM time) * 1000 AS at, data::text, extensions::text FROM millrace_events`,
  );
  return new Map(
    rows.map(({ stream_id, at, data, extensions, ...attributes }) => [
      stream_id,
      {
        ...attributes,
        time: at === null ? null : Number(at),
        data: data === null ? undefined : exact(data),
        extensions: extensions === null ? undefined : exact(extensions),
      },
    ]),
  );
};

describe.each([
  ['by COPY', { copies: true, isPartitioned: false }, true, 12],
  ['by COPY, with bad ones', { copies: true, isPartitioned: false }, false, 12],
  ['by INSERT', { copies: false, isPartitioned: false }, false, 12],
  ['by month, by COPY', { copies: true, isPartitioned: true }, true, 8],
  ['by month, with bad ones', { copies: true, isPartitioned: true }, false, 8],
])('any events, %s', (_, options, isAllGood, runs) => {
  let started: StartedSink;
  beforeAll(async () => {
    started = await databases.sink(options);
    await started.client.query(
      raising('millrace_events', "CASE WHEN jsonb_typeof(NEW.data) = 'object' THEN NEW.data->>'raise' END"),
    );
    await started.client.query(`
      CREATE TABLE commands (command text);
      CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO commands VALUES (left(trim(current_query()), 6)); RETURN NULL; END $$;
      CREATE TRIGGER noted AFTER INSERT ON millrace_events FOR EACH STATEMENT EXECUTE FUNCTION noted();`);
  });

  it('are there as they were sent, and each bad one is one failure', async () => {
    const one = event(options.isPartitioned, isAllGood);
    await fc.assert(
      fc.asyncProperty(isAllGood ? distinct(one) : fc.array(one, { minLength: 1, maxLength: 30 }), async (events) => {
        await started.client.query('TRUNCATE millrace_events, commands');
        // One that lands whatever the others are; an id may be there twice.
        const all = [
          {
            json: '{"specversion":"1.0","id":"0","source":"sure","type":"t","time":"2026-01-01T00:00:00Z"}',
            isGood: true,
          },
          ...events,
        ];
        const batch = all.map((sent) => ({ ...sent, event: delivered(sent.json) }));
        await check(started, batch);
        const { rows: commands } = await started.client.query('SELECT DISTINCT command FROM commands');
        if (isAllGood && !options.isPartitioned) expect(commands).toEqual([{ command: 'COPY m' }]);
        const expected = new Map<string, unknown>();
        const seen = new Set<string>();
        for (const {
          json: sent,
          isGood,
          event: { delivery },
        } of batch) {
          if (!isGood) continue;
          const row = rowOf(sent);
          const key = JSON.stringify([row['source'], row['id'], options.isPartitioned ? row['time'] : 0]);
          if (!seen.has(key)) expected.set(delivery.position, row);
          seen.add(key);
        }
        expect(await stored(started)).toEqual(expected);
      }),
      { numRuns: fuzzRuns(runs) },
    );
  }, 600_000);
});
