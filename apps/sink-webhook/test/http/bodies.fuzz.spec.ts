import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseEndpoint } from '@millrace/endpoints';
import { type Delivery, PermanentError } from '@millrace/streams';
import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import { AddressGuard } from '../../src/http/address-guard.js';
import { EndpointClient } from '../../src/http/endpoint-client.js';

const FORMATS = ['structured', 'binary', 'data'] as const;

interface Got {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

let server: Server;
let clients: ReadonlyMap<string, EndpointClient>;
let got: Got | undefined;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    got = { headers: request.headers, body: Buffer.concat(chunks) };
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const guard = new AddressGuard(['127.0.0.0/8']);
  clients = new Map(
    FORMATS.map((format) => {
      const endpoint = parseEndpoint({ name: 'a', url, format }, { source: 'test', place: 'endpoint' });
      return [format, new EndpointClient(endpoint, { connections: 1, timeoutMs: 5000, guard })];
    }),
  );
});
afterAll(async () => {
  for (const client of clients.values()) client.cut();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const charset = fc.constantFrom('utf-8', 'UTF8', '"utf-8"', 'iso-8859-1', '"windows-1252"', 'utf-16', 'shift_jis', '');
const parameter = fc.oneof(
  charset.map((name) => `; charset=${name}`),
  charset.map((name) => ` ;Charset = ${name}`),
  fc.constantFrom('; x="a; charset=b"', '; boundary="q\\"; charset=latin1"', '; version=1', ''),
);
const type = fc
  .tuple(
    fc.constantFrom('text/plain', 'text/csv', 'application/xml', 'application/json', 'application/x+json'),
    fc.array(parameter, { maxLength: 2 }),
  )
  .map(([essence, parameters]) => essence + parameters.join(''));
/** Any Unicode there is, and half pairs among it. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('é 漢字 😀', '\u0000\u2028', '\ud83d', ''),
);
const event = fc
  .record(
    {
      specversion: fc.constant('1.0'),
      id: fc.string({ unit: 'grapheme', minLength: 1 }).filter((id) => !/\p{Cc}/u.test(id)),
      source: fc.constant('/s'),
      type: fc.constant('t'),
      datacontenttype: type,
      content: fc.oneof(
        text.map((data) => ({ data })),
        fc.jsonValue().map((data) => ({ data })),
        fc.uint8Array({ maxLength: 300 }).map((bytes) => ({ data_base64: Buffer.from(bytes).toString('base64') })),
        fc.constant({}),
      ),
    },
    { requiredKeys: ['specversion', 'id', 'source', 'type', 'content'] },
  )
  .map(({ content, ...attributes }) => ({ ...attributes, ...content }) as Record<string, unknown>);

const send = async (json: string, format: string): Promise<Got | Error> => {
  const delivery: Delivery = {
    event: { type: 't', json },
    attempt: 1,
    position: '1-0',
    stream: 'topic:a',
    partition: 0,
  };
  got = undefined;
  const failed = await (clients.get(format) as EndpointClient).send(delivery).catch((error: Error) => error);
  return failed ?? (got as unknown as Got);
};

/** The charset that a header names, by the grammar of RFC 9110; undefined where it names none. */
const charsetOf = (header: string): string | undefined => {
  const outside = header.replace(/=\s*"((?:[^"\\]|\\.)*)"/g, (_, value: string) => `=${encodeURIComponent(value)}`);
  const names = outside
    .split(';')
    .slice(1)
    .map((one) => one.split('='));
  return names
    .find(([name]) => name?.trim().toLowerCase() === 'charset')?.[1]
    ?.trim()
    .toLowerCase();
};

const isUnicode = (value: unknown): boolean =>
  typeof value !== 'string' || Buffer.from(value, 'utf8').toString('utf8') === value;

describe('what a receiver gets', () => {
  it('is what was sent, byte for byte, in the charset that the header names', async () => {
    await fc.assert(
      fc.asyncProperty(event, fc.constantFrom(...FORMATS), async (sent, format) => {
        const json = JSON.stringify(sent);
        const received = await send(json, format);
        const {
          data,
          data_base64: base64,
          datacontenttype,
        } = sent as { data?: unknown; data_base64?: string; datacontenttype?: string };
        const isJson = datacontenttype === undefined || datacontenttype.includes('json');
        if (received instanceof Error) {
          // Only what has no bytes is refused, and for good.
          expect(received).toBeInstanceOf(PermanentError);
          expect(format !== 'structured' && !isJson && !isUnicode(data)).toBe(true);
          return;
        }
        const { headers, body } = received;
        if (format === 'structured') return expect(body.equals(Buffer.from(json, 'utf8'))).toBe(true);
        const header = String(headers['content-type'] ?? '');
        if (base64 !== undefined) {
          expect(body.equals(Buffer.from(base64, 'base64'))).toBe(true);
          return expect(header).toBe((datacontenttype ?? 'application/octet-stream').trim());
        }
        if (data === undefined) return expect(body.length).toBe(0);
        expect([undefined, 'utf-8', 'utf8']).toContain(charsetOf(header));
        expect(header.split(';')[0]?.trim()).toBe((datacontenttype ?? 'application/json').split(';')[0]?.trim());
        const text = body.toString('utf8');
        if (typeof data === 'string' && !isJson) expect(text).toBe(data);
        else expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(data)));
      }),
      { numRuns: fuzzRuns(400) },
    );
  });

  it('has digits and spaces of JSON as they came', async () => {
    const data = '{"n": 12345678901234567890, "x":1e400,  "y":1.10}';
    const json = `{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"application/json; charset=utf-16","data":${data}}`;
    for (const format of ['binary', 'data']) {
      const received = (await send(json, format)) as Got;
      expect(received.body.toString('utf8')).toBe(data);
      expect(received.headers['content-type']).toBe('application/json; charset=utf-8');
    }
  });
});
