import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseJson, writeJson } from '@millrace/json';
import { openSeriesStore, seriesName } from '@millrace/series';
import { RedisTransport } from '@millrace/streams/redis';
import {
  describeOnRealRedis,
  freePort,
  fuzzRuns,
  type PostgresServer,
  type Receiver,
  type RedisServer,
  startPostgres,
  startReceiver,
  startRedis,
  waitFor,
} from '@millrace/testkit';
import fc from 'fast-check';
import pg from 'pg';
import { Service } from '../src/stack/service.js';

const SERVICES = ['gateway', 'router', 'sink-postgres', 'sink-webhook', 'sink-timeseries', 'sink-files'];
const SECRET = `whsec_${Buffer.from('a secret of the test of values').toString('base64')}`;
const SOURCE = '/values';
/** The number by which one route decides: a double does not hold it, and its neighbours are the same double. */
const CHOSEN = '12345678901234567890';
const ROUTES = `
routes:
  - { name: exact, pattern: { data: { n: [${CHOSEN}] } }, topics: [exact] }
  - { name: rest, pattern: { data: { n: [{ exists: true }] } }, topics: [rest], priority: 200 }
`;

const number = fc.constantFrom(
  '0',
  '-1.5',
  '1e3',
  CHOSEN,
  '12345678901234567891',
  '1e30',
  '1.10',
  '9007199254740993',
  '0.1234567890123456789',
);
/** What every sink can store: text without NUL and lone surrogates. */
const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .map((one) => one.replace(/[\p{Cc}\p{Noncharacter_Code_Point}\p{Surrogate}]/gu, '·'));
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    number,
    text.map((one) => JSON.stringify(one)),
    fc.constantFrom('true', 'null', '[]', '{}'),
    fc.array(tie('json'), { maxLength: 3 }).map((all) => `[${all.join(' , ')}]`),
    fc.tuple(text, tie('json')).map(([name, value]) => `{ ${JSON.stringify(name)}\t: ${value} }`),
  ),
}));
const event = fc.record({
  n: number,
  more: json,
  value: fc.double({ noNaN: true, noDefaultInfinity: true }),
  metric: text,
  subject: fc.option(text),
  note: text,
  time: fc.constantFrom('2016-12-31T23:59:60Z', '2026-01-01T00:30:00.123456+01:00', '2024-02-29T12:00:00Z'),
});
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

/** Where the routes send it. */
const topicsOf = ({ n }: Event): string[] => (n === CHOSEN ? ['exact', 'rest'] : ['rest']);

/** A text as a value in which every number is its text: what is another number is another value. */
const exact = (one: string): unknown =>
  JSON.parse(
    writeJson(parseJson(one)).replace(
      /("(?:[^"\\]|\\.)*")|-?\d[\d.eE+-]*/g,
      (found, quoted) => quoted ?? `"#${found}"`,
    ),
  );

describeOnRealRedis('an event on its whole way', () => {
  const services: Service[] = [];
  const bodies = new Map<string, string>();
  let redis: RedisServer;
  let postgres: PostgresServer;
  let receiver: Receiver;
  let client: pg.Client;
  let transport: RedisTransport;
  let folder: string;
  let serial = 0;

  beforeAll(async () => {
    const respond = ({ body, verified }: { body: string; verified: boolean }) => {
      if (verified) bodies.set((JSON.parse(body) as { id: string }).id, body);
      return { status: 204 };
    };
    [redis, postgres, receiver] = await Promise.all([
      startRedis(),
      startPostgres(),
      startReceiver({ secret: SECRET, respond }),
    ]);
    folder = await mkdtemp(join(tmpdir(), 'millrace-values-'));
    await writeFile(join(folder, 'routes.yaml'), ROUTES);
    for (const name of SERVICES) {
      const env = {
        REDIS_URL: redis.url,
        DATABASE_URL: postgres.url,
        TOPICS: 'exact,rest',
        LOG_LEVEL: 'error',
        WEBHOOK_URL: receiver.url,
        WEBHOOK_SECRET: SECRET,
        ALLOW_NETWORKS: '127.0.0.0/8',
        ROUTES_FILE: join(folder, 'routes.yaml'),
        DIRECTORY: join(folder, 'files'),
        SERIES_RETENTION: '0s',
        SERIES_MAX: '0',
      };
      services.push(new Service({ name, port: await freePort(), env }, () => undefined));
    }
    for (const service of services) {
      await waitFor(() => service.ready(), { what: `${service.spec.name} to be ready`, timeoutMs: 30_000 });
    }
    transport = new RedisTransport({ url: redis.url });
    client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
  }, 120_000);
  afterAll(async () => {
    await client?.end();
    await transport?.close();
    await Promise.all(services.map((service) => service.stop()));
    await Promise.all([redis?.stop(), postgres?.stop(), receiver?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  const written = (one: Event): { id: string; metric: string; text: string } => {
    serial += 1;
    const id = `v${serial}`;
    const metric = `${one.metric} ${serial}`;
    const { subject, note, time } = one;
    const attributes = {
      specversion: '1.0',
      id,
      source: SOURCE,
      type: 't',
      time,
      note,
      ...(subject !== null && { subject }),
    };
    const data = `{"n":${one.n},"more":${one.more},"metric":${JSON.stringify(metric)},"value":${String(one.value)}}`;
    return { id, metric, text: `${JSON.stringify(attributes).slice(0, -1)},"data":${data}}` };
  };
  const send = async (lines: readonly string[]): Promise<void> => {
    const headers = { 'content-type': 'application/x-ndjson' };
    const answer = await fetch(`${services[0]?.url}/v1/events`, { method: 'POST', headers, body: lines.join('\n') });
    expect(await answer.json()).toMatchObject({ accepted: lines.length });
  };
  /** What the files hold, by topic. */
  const filed = async (topic: string): Promise<Map<string, string>> => {
    const at = join(folder, 'files', topic);
    const found = new Map<string, string>();
    for (const name of await readdir(at).catch(() => [])) {
      for (const line of (await readFile(join(at, name), 'utf8')).split('\n')) {
        if (line !== '') found.set((JSON.parse(line) as { id: string }).id, line);
      }
    }
    return found;
  };
  const inTable = async (ids: readonly string[]) =>
    (
      await client.query<{ id: string; topic: string; data: string; subject: string | null; note: string; at: string }>(
        `SELECT id, topic, data::text AS data, subject, extensions->>'note' AS note,
                (extract(epoch FROM time) * 1000)::bigint::text AS at
         FROM millrace_events WHERE source = $1 AND id = ANY ($2)`,
        [SOURCE, ids],
      )
    ).rows;
  const sampleOf = async (metric: string) => {
    const prefix = transport.keys.stream({ name: 'series', partition: 0 });
    const store = await openSeriesStore(transport.connections.connectTo(prefix, 'series'), { prefix });
    return store.range({ series: seriesName(metric, SOURCE) }, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  };

  it('is in Postgres, in a file, in a series and at a webhook with the values that were sent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 6 }), async (events) => {
        const sent = events.map((one) => ({ one, ...written(one) }));
        await send(sent.map((one) => one.text));
        const ids = sent.map(({ id }) => id);
        const copies = sent.reduce((sum, { one }) => sum + topicsOf(one).length, 0);
        const rows = await waitFor(async () => ((found) => found.length === copies && found)(await inTable(ids)), {
          what: `the rows of ${ids}`,
        });
        await waitFor(() => ids.every((id) => bodies.has(id)), { what: 'the webhooks' });
        for (const { one, id, metric, text: whole } of sent) {
          const own = rows.filter((candidate) => candidate.id === id);
          expect(own.map(({ topic }) => topic).sort()).toEqual(topicsOf(one));
          const [row] = own;
          expect(row).toMatchObject({ subject: one.subject, note: one.note });
          const data = writeJson((parseJson(whole) as { data: unknown }).data);
          // jsonb writes a number out in full, so the values are compared as Postgres has them.
          const { rows: same } = await client.query<{ same: boolean }>('SELECT $1::jsonb = $2::jsonb AS same', [
            row?.data,
            data,
          ]);
          expect({ same: same[0]?.same, data }).toEqual({ same: true, data });
          expect(exact(bodies.get(id) ?? '{}')).toEqual(exact(whole));
          for (const topic of topicsOf(one)) {
            const line = await waitFor(async () => (await filed(topic)).get(id), {
              what: `the line of ${id} in ${topic}`,
            });
            expect(exact(line)).toEqual(exact(whole));
          }
          const points = await waitFor(async () => ((found) => found.length > 0 && found)(await sampleOf(metric)), {
            what: `the sample of ${metric}`,
          });
          // Redis has no negative zero.
          expect(points).toEqual([{ timestampMs: Number(row?.at), value: one.value + 0 }]);
        }
      }),
      { numRuns: fuzzRuns(20), endOnFailure: true },
    );
  }, 300_000);
});
