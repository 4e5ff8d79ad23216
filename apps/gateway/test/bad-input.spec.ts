import { request } from 'node:http';
import { connect } from 'node:net';
import { type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { startGateway, type TestGateway } from './gateway.js';

const CLOUDEVENT = { 'content-type': 'application/cloudevents+json' };
const BATCH = { 'content-type': 'application/cloudevents-batch+json' };
const LINES = { 'content-type': 'application/x-ndjson' };
const event = (id: string, rest: object = {}) => ({ specversion: '1.0', id, source: '/s', type: 't', ...rest });
const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

let redis: RedisServer;
let gateway: TestGateway;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  gateway = await startGateway(redis.url, { BODY_MAX_BYTES: 100_000, EVENT_MAX_BYTES: 30_000, BATCH_MAX_EVENTS: 10 });
});
afterEach(() => gateway.close());

/** The gateway lives, and takes what is right. */
const stillWell = async (): Promise<void> => {
  expect((await gateway.post(event('well'), CLOUDEVENT)).status).toBe(202);
};

describe('a request that cannot be taken', () => {
  it.each<[string, unknown, Record<string, string>, number, RegExp]>([
    ['not JSON', '{"type":', {}, 400, /^The body is not JSON/],
    ['an empty body', '', {}, 400, /^The body is (not JSON|empty)/],
    ['not UTF-8', Uint8Array.from([0x22, 0xff, 0xfe, 0x22]), {}, 400, /UTF-8/],
    ['a number', '7', {}, 422, /object/],
    ['null', 'null', {}, 422, /object/],
    ['a batch that is no array', event('1'), BATCH, 422, /array/],
    ['a single event that is an array', [event('1')], CLOUDEVENT, 422, /cloudevents-batch/],
    ['an array cut short', '[{"type":"t"},', {}, 400, /not JSON/],
    ['depth 10,000', `{"type":"t","data":${deep(10_000)}}`, {}, 400, /deep|128/],
    ['a batch over its limit', Array.from({ length: 11 }, (_, i) => event(String(i))), BATCH, 413, /10/],
    ['a body over its limit', 'x'.repeat(100_001), {}, 413, /too large/],
    [
      'an unknown content type',
      'x',
      { 'content-type': 'text/plain' },
      415,
      /text\/plain is not supported; supported are/,
    ],
    [
      'nearly NDJSON',
      '{}',
      { 'content-type': 'application/x-ndjsonfoo' },
      415,
      /application\/x-ndjsonfoo is not supported/,
    ],
    ['a content type that is none', '{}', { 'content-type': 'json' }, 415, /^Content-Type "json" is not a media type/],
    ['another charset', '{}', { 'content-type': 'application/json; charset=latin1' }, 415, /latin1|UTF-8/i],
    ['a compressed body', 'x', { 'content-encoding': 'gzip' }, 415, /gzip is not supported/],
    ['an idempotency key that is none', '{"type":"t"}', { 'idempotency-key': '"unfinished' }, 400, /Idempotency-Key/i],
  ])('%s', async (_, body, headers, status, detail) => {
    const answered = await gateway.post(body, headers);
    expect(answered.body).toMatchObject({ status, detail: expect.stringMatching(detail) });
    expect(answered.status).toBe(status);
    expect(answered.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await gateway.appended()).toEqual([]);
    await stillWell();
  });

  it.each<[string, object | string, RegExp]>([
    ['no id', { ...event('1'), id: undefined }, /id/],
    ['an empty source', event('1', { source: '' }), /source/],
    ['no type', { ...event('1'), type: undefined }, /type/],
    ['another specversion', event('1', { specversion: '0.3' }), /specversion.*0\.3/],
    ['data beside data_base64', event('1', { data: 1, data_base64: 'AA==' }), /data_base64/],
    ['an attribute name that is none', event('1', { 'my-attribute': 'x' }), /my-attribute/],
    ['a time that is none', event('1', { time: 'yesterday' }), /time.*yesterday/],
    ['a duplicate attribute', '{"specversion":"1.0","id":"1","id":"2","source":"/s","type":"t"}', /"?id"?.*repeated/],
    ['an event over its limit', event('1', { data: 'x'.repeat(30_000) }), /30,?000/],
  ])('an event with %s', async (_, body, detail) => {
    const answered = await gateway.post(body, CLOUDEVENT);
    expect(answered.body.detail).toMatch(detail);
    expect([400, 413, 422]).toContain(answered.status);
    expect(answered.body.results).toHaveLength(1);
    expect(await gateway.appended()).toEqual([]);
    await stillWell();
  });
});

describe('a bad event among good ones', () => {
  const bad: [string, string][] = [
    ['no id', JSON.stringify({ ...event('x'), id: undefined })],
    ['not an object', '7'],
    ['an array', '[]'],
    ['too large', JSON.stringify(event('x', { data: 'x'.repeat(30_000) }))],
    ['a duplicate key', '{"specversion":"1.0","id":"x","source":"/s","source":"/t","type":"t"}'],
  ];

  it.each(bad)('%s, in a batch', async (_, json) => {
    const answered = await gateway.post(`[${JSON.stringify(event('1'))},${json},${JSON.stringify(event('2'))}]`, BATCH);
    expect(answered.status).toBe(202);
    expect(answered.body).toMatchObject({ accepted: 2, rejected: 1, duplicates: 0 });
    expect(answered.body.results.map(({ status }: { status: string }) => status)).toEqual([
      'accepted',
      'rejected',
      'accepted',
    ]);
    expect((await gateway.appended()).map(({ id }) => id)).toEqual(['1', '2']);
  });

  it.each([...bad, ['not JSON', '{"id":'], ['too deep', deep(10_000)]] as [string, string][])(
    '%s, on a line',
    async (_, json) => {
      const answered = await gateway.post(
        `${JSON.stringify(event('1'))}\n${json}\n${JSON.stringify(event('2'))}\n`,
        LINES,
      );
      expect(answered.status).toBe(202);
      expect(answered.body).toMatchObject({ accepted: 2, rejected: 1 });
      expect(answered.body.results[1]).toMatchObject({
        index: 1,
        status: 'rejected',
        error: { detail: expect.any(String) },
      });
      expect((await gateway.appended()).map(({ id }) => id)).toEqual(['1', '2']);
    },
  );

  it('a hundred thousand of them: all are counted, few are read or listed', async () => {
    const body = `${JSON.stringify(event('1'))}\n${'x\n'.repeat(100_000)}`;
    const answered = await gateway.post(body, LINES);
    expect(answered.status).toBe(202);
    expect(answered.body).toMatchObject({
      accepted: 1,
      rejected: 100_000,
      refused: { from: 2_002, error: { type: 'urn:millrace:problem:too-many-rejected', status: 422 } },
    });
    expect(answered.body.results.length + answered.body.unlisted).toBe(100_000);
    expect(JSON.stringify(answered.body).length).toBeLessThan(body.length + 40_000);
    expect((await gateway.appended()).map(({ id }) => id)).toEqual(['1']);
    const none = await gateway.post('7\n'.repeat(20_000), LINES);
    expect(none.status).toBe(422);
    expect(none.body).toMatchObject({ status: 422, refused: { from: 2_000 } });
  });

  it('few bad ones are no reason to stop reading, nor many beside as many good ones', async () => {
    const some = await gateway.post(`${'x\n'.repeat(1_999)}${JSON.stringify(event('1'))}`, LINES);
    expect(some.body).toMatchObject({ accepted: 1, rejected: 1_999 });
    const good = Array.from({ length: 12_000 }, (_, i) => JSON.stringify({ type: 't', id: `g${i}` }));
    const many = await gateway.post(good.map((line, i) => (i < 11_000 ? `${line}\nx` : line)).join('\n'), LINES);
    expect(many.body).toMatchObject({ accepted: 12_000, rejected: 11_000 });
    expect(many.body.refused).toBeUndefined();
  });

  it('a last line that is cut short', async () => {
    const answered = await gateway.post(`${JSON.stringify(event('1'))}\n{"specversion":"1.0","id":"2`, LINES);
    expect(answered.status).toBe(202);
    expect(answered.body).toMatchObject({ accepted: 1, rejected: 1 });
    expect((await gateway.appended()).map(({ id }) => id)).toEqual(['1']);
  });

  it('no good one at all: the first error’s status, with all results', async () => {
    const answered = await gateway.post([7, { source: '/s' }]);
    expect(answered.status).toBe(422);
    expect(answered.body.results).toHaveLength(2);
  });
});

describe('headers', () => {
  const raw = (headers: Record<string, string | Buffer>): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(gateway.url);
      const lines = Object.entries(headers).map(([name, value]) =>
        Buffer.concat([Buffer.from(`${name}: `), Buffer.from(value as never), Buffer.from('\r\n')]),
      );
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          Buffer.concat([
            Buffer.from('POST /v1/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n'),
            ...lines,
            Buffer.from('\r\n{}'),
          ]),
        );
      });
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      });
      socket.on('error', reject);
      socket.on('end', () => resolve({ status: Number(text.split(' ')[1]), body: text.split('\r\n\r\n')[1] ?? '' }));
    });

  const binary = {
    'ce-specversion': '1.0',
    'ce-id': '1',
    'ce-source': '/s',
    'ce-type': 't',
    'content-type': 'application/json',
  };

  it('of an event in binary mode make NDJSON its data', async () => {
    const lines = '{"a":1}\n{"a":2}\n';
    const answered = await gateway.post(lines, { ...binary, 'content-type': 'application/x-ndjson' });
    expect(answered).toMatchObject({ status: 202, body: { accepted: 1 } });
    const [stored] = await gateway.appended();
    expect(stored).toMatchObject({ id: '1', datacontenttype: 'application/x-ndjson' });
    expect(Buffer.from(String(stored?.data_base64), 'base64').toString()).toBe(lines);
    const large = await gateway.post('x'.repeat(100_001), { ...binary, 'content-type': 'application/x-ndjson' });
    expect(large).toMatchObject({ status: 413, body: { status: 413 } });
  });

  it('bytes that are not UTF-8', async () => {
    const answered = await raw({ ...binary, 'ce-subject': Buffer.from([0xff, 0xfe]) });
    expect(answered.status).toBe(400);
    expect(answered.body).toMatch(/ce-subject/i);
    await stillWell();
  });

  it('percent-encoding that is not UTF-8', async () => {
    const answered = await raw({ ...binary, 'ce-subject': '%FF%FE' });
    expect(answered.status).toBe(400);
    expect(answered.body).toMatch(/ce-subject/i);
    await stillWell();
  });

  it('a flood of them', async () => {
    const flood = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`x-${i}`, 'y'.repeat(20)]));
    expect((await raw({ ...binary, ...flood })).status).toBe(431);
    await stillWell();
  });
});

it('a client that goes away in the middle leaves what was accepted, and the gateway', async () => {
  const { hostname, port } = new URL(gateway.url);
  const sending = request({ hostname, port, path: '/v1/events', method: 'POST', headers: LINES });
  sending.on('error', () => undefined);
  sending.write(`${JSON.stringify(event('1'))}\n`);
  await waitFor(async () => (await gateway.appended()).length === 1, { what: 'the first line to be appended' });
  sending.destroy();
  await stillWell();
});

it.each(['events', 'workers/process'])(
  'depth at /api/ingest/%s is a 400 that says what is taken, and length a 413',
  async (path) => {
    const bodies: [string, number][] = [
      [deep(100_000).slice(0, 90_000), 413],
      [`${'['.repeat(40_000)}${']'.repeat(40_000)}`, 413],
      [deep(100_000).slice(0, 9_000), 400],
      [`${'['.repeat(4_000)}${']'.repeat(4_000)}`, 400],
    ];
    for (const [body, status] of bodies) {
      const answered = await gateway.post(body, {}, `/api/ingest/${path}`);
      expect(answered.status).toBe(status);
      expect(answered.body.detail).toMatch(/must be|expected/);
    }
    const inside = `{"source":${deep(1_000)},"consumer":${deep(1_000)}}`;
    expect((await gateway.post(inside, {}, `/api/ingest/${path}`)).status).toBe(400);
    await stillWell();
  },
);
