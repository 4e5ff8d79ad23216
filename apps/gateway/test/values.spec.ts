import { request } from 'node:http';
import { encodeBinary } from '@millrace/events';
import { parseJson, writeJson } from '@millrace/json';
import { fuzzRuns, type RedisServer, startRedis } from '@millrace/testkit';
import fc from 'fast-check';
import { startGateway, type TestGateway } from './gateway.js';

let redis: RedisServer;
let gateway: TestGateway;

beforeAll(async () => {
  redis = await startRedis();
  gateway = await startGateway(redis.url, { BACKPRESSURE_MAX_LAG: 10_000_000 });
});
afterAll(async () => {
  await gateway?.close();
  await redis.stop();
});

let serial = 0;

/** Text that CloudEvents allows in an attribute. */
const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .map((one) => one.replace(/[\p{Cc}\p{Noncharacter_Code_Point}\p{Surrogate}]/gu, '·'));
const number = fc.constantFrom(
  '0',
  '-0.5',
  '1e3',
  '12345678901234567890',
  '1e400',
  '1.10',
  '9007199254740993',
  '0.1234567890123456789',
);
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    number,
    fc.string({ unit: 'binary' }).map((one) => JSON.stringify(one)),
    fc.constantFrom('true', 'null', '[]', '{}', '{"__proto__":{"a":1}}', '{"constructor":"x"}', '"\\u0000\\ud800"'),
    fc.array(tie('json'), { maxLength: 3 }).map((all) => `[${all.join(' , ')}]`),
    fc.tuple(text, tie('json')).map(([name, value]) => `{ ${JSON.stringify(name)}\t:\n${value} }`),
  ),
}));
const time = fc.constantFrom(
  undefined,
  '2016-12-31T23:59:60Z',
  '2026-01-01T00:00:00.123456789+05:45',
  '0001-01-01t00:00:00z',
);
const event = fc.record({ subject: fc.option(text), note: fc.option(text), flag: fc.boolean(), time, data: json });
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

const written = ({ subject, note, flag, time, data }: Event): { id: string; text: string } => {
  serial += 1;
  const id = `e${serial}-${process.pid}`;
  const attributes = { specversion: '1.0', id, source: '/fuzz', type: 't', ...(time && { time }) };
  const more = { ...(subject !== null && { subject }), ...(note !== null && { note }) };
  const head = JSON.stringify({ ...attributes, ...more, flag }).slice(0, -1);
  return { id, text: `${head},"data":${data}}` };
};

/** Headers may only be ASCII, so the codec writes them; a boolean arrives as a text there. */
const binary = (one: string): { body: Buffer; headers: Record<string, string> } => {
  const { headers, body } = encodeBinary(one);
  return { body: Buffer.from(body), headers };
};

const stored = async (id: string): Promise<string> => {
  const newest = await gateway.transport.reader.newest({ name: 'in', partition: 0 }, '-', '+', 20);
  return newest.map((one) => one.event.json).find((one) => one.includes(`"id":"${id}"`)) ?? 'it is not there';
};

const sameValue = (one: string): unknown =>
  JSON.parse(
    writeJson(parseJson(one)).replace(
      /("(?:[^"\\]|\\.)*")|-?\d[\d.eE+-]*/g,
      (found, string) => string ?? `"#${found}"`,
    ),
  );

describe('an event', () => {
  it.each([
    ['structured', (one: string) => ({ body: one, headers: { 'content-type': 'application/cloudevents+json' } })],
    [
      'a batch of one',
      (one: string) => ({ body: `[${one}]`, headers: { 'content-type': 'application/cloudevents-batch+json' } }),
    ],
    [
      'a line',
      (one: string) => ({
        body: `${one.replaceAll('\n', ' ')}\n`,
        headers: { 'content-type': 'application/x-ndjson' },
      }),
    ],
    ['plain', (one: string) => ({ body: one, headers: { 'content-type': 'application/json' } })],
    ['binary', binary],
  ] as const)('that comes in %s is stored with every value that was sent', async (mode, encode) => {
    await fc.assert(
      fc.asyncProperty(event, async (one) => {
        const { id, text: sent } = written(one);
        const { body, headers } = encode(sent);
        const answer = await gateway.post(body, headers as Record<string, string>);
        expect({ status: answer.status, sent }).toEqual({ status: 202, sent });
        const expected = sameValue(sent) as Record<string, unknown>;
        if (mode === 'binary') Object.assign(expected, { flag: String(one.flag), datacontenttype: 'application/json' });
        const found = sameValue(await stored(id)) as Record<string, unknown>;
        // A plain event without a time gets that of its arrival.
        if (mode === 'plain') expected['time'] ??= found['time'];
        expect(found).toEqual(expected);
      }),
      { numRuns: fuzzRuns(60) },
    );
  });
});

/** Sends headers as they are given, repeats included. */
const sendRaw = (headers: readonly string[], body: string): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const all = ['host', 'localhost', 'content-length', String(Buffer.byteLength(body)), ...headers];
    const sent = request(`${gateway.url}/v1/events`, { method: 'POST', headers: all }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject).end(body);
  });

describe('a header that is there twice', () => {
  const BINARY = [
    'ce-specversion',
    '1.0',
    'ce-id',
    '1',
    'ce-source',
    '/s',
    'ce-type',
    't',
    'content-type',
    'text/plain',
  ];
  it.each([
    ['ce-id', '2'],
    ['CE-Source', '/other'],
    ['ce-type', 't'],
    ['ce-anything', 'x'],
    ['Content-Type', 'application/json'],
    ['Idempotency-Key', 'a'],
  ])('%s is a 400', async (name, value) => {
    const first = name === 'ce-anything' || name === 'Idempotency-Key' ? [name, value] : [];
    const { status, text } = await sendRaw([...BINARY, ...first, name, value], 'x');
    expect(status).toBe(400);
    expect(text).toContain(`Header ${name.toLowerCase()} is repeated; it may occur once`);
  });

  it('may hold a comma', async () => {
    const { status } = await sendRaw([...BINARY.slice(0, 2), 'ce-id', `a, b ${process.pid}`, ...BINARY.slice(4)], 'x');
    expect(status).toBe(202);
  });
});

describe('an Idempotency-Key', () => {
  it('is one event, whatever the number of partitions and the ids of its repeats', async () => {
    const many = await startGateway(redis.url, { PARTITIONS: 16 });
    try {
      await fc.assert(
        fc.asyncProperty(fc.uuid(), fc.constantFrom('cloudevent', 'binary', 'plain'), async (key, form) => {
          const send = (id: string) => {
            const headers = { 'idempotency-key': key };
            const attributes = { specversion: '1.0', id, source: `/s${id}`, type: 't' };
            if (form === 'plain') return many.post({ type: 't', data: id }, headers);
            if (form === 'cloudevent')
              return many.post(attributes, { ...headers, 'content-type': 'application/cloudevents+json' });
            const ce = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]));
            return many.post('x', { ...headers, ...ce, 'content-type': 'text/plain' });
          };
          const statuses = [];
          for (const id of ['1', '2', '3']) statuses.push((await send(`${key}${id}`)).body.results[0].status);
          expect(statuses).toEqual(['accepted', 'duplicate', 'duplicate']);
        }),
        { numRuns: fuzzRuns(20) },
      );
    } finally {
      await many.close();
    }
  });
});
