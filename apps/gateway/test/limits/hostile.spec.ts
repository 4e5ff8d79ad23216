import { type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { startGateway, type TestGateway } from '../gateway.js';
import { Raw } from './raw.js';

let redis: RedisServer;
let gateway: TestGateway;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  gateway = await startGateway(redis.url);
});
afterEach(() => gateway.close());

const event = (id: string) => JSON.stringify({ specversion: '1.0', id, source: '/s', type: 't', data: {} });
const ids = async () => (await gateway.appended()).map(({ id }) => id);

/** A gateway that was attacked still takes an event, and has no other. */
const stillWell = async (): Promise<void> => {
  expect((await gateway.post(event('well'))).status).toBe(202);
  expect(await ids()).toEqual(['well']);
};

describe('a request that two servers would read in two ways', () => {
  const hidden = `POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${event('hidden').length}\r\n\r\n${event('hidden')}`;
  const head = 'POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
  const chunked = (body: string) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const body = event('seen');

  it.each([
    ['a length and chunks', `${head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['chunks and a length', `${head}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n${hidden}`],
    ['two lengths', `${head}content-length: 0\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`],
    ['a list of lengths', `${head}content-length: 0, ${hidden.length}\r\n\r\n${hidden}`],
    ['a length with a sign', `${head}content-length: +${body.length}\r\n\r\n${body}${hidden}`],
    ['a length in hexadecimal', `${head}content-length: 0x10\r\n\r\n${body}${hidden}`],
    ['a space before the colon', `${head}content-length : ${body.length}\r\n\r\n${body}${hidden}`],
    ['a folded header', `${head}transfer-encoding:\r\n chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n${hidden}`],
    ['an encoding that is not known', `${head}transfer-encoding: xchunked\r\n\r\n${chunked(body)}${hidden}`],
    ['chunked not as the last', `${head}transfer-encoding: chunked, identity\r\n\r\n${chunked(body)}${hidden}`],
    ['a chunk size that is none', `${head}transfer-encoding: chunked\r\n\r\n0x5\r\n${body}\r\n0\r\n\r\n${hidden}`],
    ['a chunk size with a sign', `${head}transfer-encoding: chunked\r\n\r\n-1\r\n${body}\r\n0\r\n\r\n${hidden}`],
    ['a chunk longer than it says', `${head}transfer-encoding: chunked\r\n\r\n1\r\n${body}\r\n0\r\n\r\n${hidden}`],
    ['a line that ends with CR alone', `${head}x: y\rcontent-length: 0\r\n\r\n${hidden}`],
    ['NUL in a header', `${head}x: a\0b\r\ncontent-length: ${body.length}\r\n\r\n${body}${hidden}`],
    ['a header without a name', `${head}: x\r\ncontent-length: ${body.length}\r\n\r\n${body}${hidden}`],
    ['no version', `POST /v1/events\r\nhost: x\r\n\r\n${hidden}`],
    ['another protocol', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${hidden}`],
  ])('is refused, and ends the connection: %s', async (_, text) => {
    const raw = await Raw.to(gateway.url);
    raw.say(text);
    await waitFor(() => raw.isOver, { what: 'the connection to end' });
    expect(raw.statuses).toEqual([400]);
    expect(raw.said).toContain('urn:millrace:problem:');
    await stillWell();
  });

  it('is told from two requests on one connection, which are both taken', async () => {
    const raw = await Raw.to(gateway.url);
    raw.say(`${head}transfer-encoding: chunked\r\n\r\n${chunked(body)}${hidden}`);
    await waitFor(() => raw.statuses.length === 2, { what: 'two answers' });
    raw.close();
    expect(raw.statuses).toEqual([202, 202]);
    expect(await ids()).toEqual(['seen', 'hidden']);
  });
});

describe('a client that is too slow', () => {
  beforeEach(async () => {
    await gateway.close();
    gateway = await startGateway(redis.url, { CLIENT_TIMEOUT: 400 });
  });

  it.each([
    ['with the head', 'POST /v1/events HTTP/1.1\r\nhost: x\r\n', 'x-more: y\r\n'],
    [
      'with the body',
      'POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n',
      ' ',
    ],
    [
      'with lines',
      'POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\ncontent-length: 100000\r\n\r\n',
      '\n',
    ],
  ])('is cut off %s, however it goes on', async (_, head, more) => {
    const many = await Promise.all(Array.from({ length: 50 }, () => Raw.to(gateway.url)));
    for (const raw of many) raw.say(head);
    const drip = setInterval(() => {
      for (const raw of many) raw.say(more);
    }, 20);
    // Others are served meanwhile.
    await stillWell();
    await waitFor(() => many.every(({ isOver }) => isOver), { what: 'all to be cut off' });
    clearInterval(drip);
    for (const raw of many) expect(raw.statuses).toEqual([408]);
    expect(many[0]?.said).toContain('CLIENT_TIMEOUT');
    expect(await ids()).toEqual(['well']);
  });
});

describe('names that mean something to JavaScript', () => {
  it('are data like any other, and reach nothing', async () => {
    const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
    const nasty = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}`;
    const good = `{"specversion":"1.0","id":"well","source":"/s","type":"__proto__","data":${nasty}}`;
    expect((await gateway.post(good)).status).toBe(202);
    for (const name of names) {
      const answered = await gateway.post(
        `{"specversion":"1.0","id":"1","source":"/s","type":"t","${name}":{"polluted":1}}`,
      );
      expect(answered.status).toBe(422);
      await gateway.post(`{"${name}":{"polluted":1}}`, {}, '/api/ingest/events');
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(await gateway.appended()).toHaveLength(1);
    expect(JSON.stringify((await gateway.appended())[0]?.data)).toBe(nasty);
  });
});
