import type { lookup } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseEndpoint } from '@millrace/endpoints';
import { type Delivery, TransientError } from '@millrace/streams';
import { AddressGuard, AddressRefused, isNetwork } from '../../src/http/address-guard.js';
import { EndpointClient } from '../../src/http/endpoint-client.js';

/** Spellings of addresses that nobody outside has any business with. */
const SPELLINGS = [
  ...[
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '127.255.255.254',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0x7f.0.0.1',
    '0177.0.0.1',
  ],
  ...['017700000001', '0x7F.0X0.0.1', '127.0.0.1.', '%31%32%37.0.0.1', '①②⑦.⓪.⓪.①', '１２７.0.0.1', '127。0。0。1'],
  ...[
    '0',
    '0.0.0.0',
    '0x0',
    '00000000',
    '10.0.0.1',
    '10.1',
    '012.0.0.1',
    '0xa.1',
    '167772161',
    '172.16.0.1',
    '172.31.255.255',
  ],
  ...[
    '192.168.1.1',
    '192.168.257',
    '3232235777',
    '0xc0a80101',
    '169.254.169.254',
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
  ],
  ...[
    '169.254.43518',
    '168.63.129.16',
    '161.26.0.10',
    '166.9.1.1',
    '[fd00:ec2::254]',
    '[fd20:ce::254]',
    '[64:ff9b::a83f:8110]',
    '100.64.0.1',
    '100.100.100.200',
    '192.0.0.192',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
  ],
  ...[
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[0000::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:169.254.169.254]',
  ],
  ...[
    '[::ffff:a9fe:a9fe]',
    '[::ffff:0:10.0.0.1]',
    '[::127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b::a9fe:a9fe]',
    '[64:ff9b:1::1]',
  ],
  ...[
    '[fe80::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[fec0::1]',
    '[ff02::1]',
    '[2001:db8::1]',
    '[2001::1]',
    '[2002:7f00:1::]',
    '[100::1]',
  ],
];

const DELIVERY: Delivery = {
  event: { type: 't', json: '{"specversion":"1.0","id":"1","source":"/x","type":"t"}' },
  attempt: 1,
  position: '1-0',
  stream: 'hook:a',
  partition: 0,
};
const clients: EndpointClient[] = [];
const clientOf = (url: string, guard: AddressGuard): EndpointClient => {
  const endpoint = parseEndpoint({ name: 'a', url }, { source: 'test', place: 'endpoint' });
  const client = new EndpointClient(endpoint, { connections: 1, timeoutMs: 2000, guard });
  clients.push(client);
  return client;
};
const failureOf = (client: EndpointClient): Promise<Error | undefined> =>
  client.send(DELIVERY).then(
    () => undefined,
    (error: Error) => error,
  );

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.cut()));
});

describe('the guard', () => {
  it(`knows ${SPELLINGS.length} spellings`, () => expect(SPELLINGS.length).toBeGreaterThanOrEqual(40));

  it.each(SPELLINGS)('refuses http://%s/ before a connection is made', async (host) => {
    const failure = await failureOf(clientOf(`http://${host}/`, new AddressGuard([])));
    expect(failure).toBeInstanceOf(TransientError);
    expect(failure?.cause).toBeInstanceOf(AddressRefused);
    expect(failure?.message).toMatch(/the address of .* is not allowed: .*; see ALLOW_NETWORKS$/);
  });

  it.each(['93.184.216.34', '8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'])(
    'lets %s pass',
    (address) => {
      expect(new AddressGuard([]).refusal(address)).toBeUndefined();
    },
  );

  it.each([
    [['10.0.0.0/8'], '10.1.2.3', true],
    [['10.0.0.0/8'], '::ffff:10.1.2.3', true],
    [['10.0.0.0/8'], '192.168.0.1', false],
    [['127.0.0.1/32', 'fd00::/8'], 'fd12::1', true],
    [['127.0.0.1/32'], '127.0.0.2', false],
  ])('with %j allowed says of %s: %s', (allowed, address, passes) => {
    expect(new AddressGuard(allowed).refusal(address) === undefined).toBe(passes);
  });

  it.each([
    ['10.0.0.0/8', true],
    ['fd00::/8', true],
    ['10.0.0.0/33', false],
    ['10.0.0.0', false],
    ['ten/8', false],
    ['fd00::/129', false],
  ])('takes %s for a network: %s', (text, is) => expect(isNetwork(text)).toBe(is));
});

describe('a name', () => {
  let server: Server;
  let port: number;
  beforeEach(async () => {
    server = createServer((request, response) => {
      request.resume();
      response.writeHead(204, { connection: 'close' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  /** A resolver that answers with these, one after the other, and with the last from then on. */
  const answering = (...answers: string[][]): typeof lookup =>
    ((
      _host: string,
      _options: unknown,
      callback: (error: null, found: { address: string; family: number }[]) => void,
    ) => {
      const next = (answers.length > 1 ? answers.shift() : answers[0]) as string[];
      callback(
        null,
        next.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    }) as unknown as typeof lookup;

  it('that answers with a private address is refused', async () => {
    const guard = new AddressGuard([], answering(['10.0.0.5']));
    const failure = await failureOf(clientOf(`http://inside.example:${port}/`, guard));
    expect(failure?.message).toMatch(/the address of inside.example, which is 10.0.0.5 is not allowed: private/);
  });

  it('that answers differently the second time is refused then', async () => {
    const guard = new AddressGuard(['127.0.0.1/32'], answering(['127.0.0.1'], ['169.254.169.254']));
    const client = clientOf(`http://rebinding.example:${port}/`, guard);
    expect(await failureOf(client)).toBeUndefined();
    expect((await failureOf(client))?.message).toMatch(/which is 169.254.169.254 is not allowed: link-local/);
  });

  it('with a good and a bad address goes to the good one', async () => {
    const guard = new AddressGuard(['127.0.0.1/32'], answering(['10.0.0.5', '127.0.0.1']));
    expect(await failureOf(clientOf(`http://both.example:${port}/`, guard))).toBeUndefined();
  });
});
