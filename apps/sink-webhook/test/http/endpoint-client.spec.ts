import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { type Attempt, parseEndpoint } from '@millrace/endpoints';
import { type Delivery, PermanentError, TransientError, Unavailable } from '@millrace/streams';
import { freePort, waitFor } from '@millrace/testkit';
import { AddressGuard } from '../../src/http/address-guard.js';
import { EndpointClient } from '../../src/http/endpoint-client.js';
import { Unreachable } from '../../src/http/verdict.js';

const DELIVERY: Delivery = {
  event: { type: 'demo', json: '{"specversion":"1.0","id":"1","source":"/x","type":"demo","data":  {"a":"é"}}' },
  attempt: 1,
  position: '1-0',
  stream: 'hook:a',
  partition: 0,
};

const guard = new AddressGuard(['127.0.0.0/8', '::1/128']);
const attempts: Attempt[] = [];
let server: Server | undefined;
let raw: TcpServer | undefined;
const sockets = new Set<Socket>();
let client: EndpointClient | undefined;

const serve = async (listener: RequestListener): Promise<string> => {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** A server that speaks for itself: `speak` is called with the connection once each request has begun. */
const speak = async (answer: (socket: Socket, turn: number) => void): Promise<string> => {
  let turn = 0;
  raw = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => chunk.includes('POST ') && answer(socket, ++turn));
  });
  await new Promise<void>((resolve) => raw?.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(raw.address() as AddressInfo).port}`;
};

const clientOf = (url: string, more: object = {}, timeoutMs = 5000, options: object = {}): EndpointClient => {
  const endpoint = parseEndpoint({ name: 'a', url, ...more }, { source: 'test', place: 'endpoint' });
  const onAttempt = (one: Attempt) => void attempts.push(one);
  client = new EndpointClient(endpoint, { connections: 2, timeoutMs, guard, onAttempt, ...options });
  return client;
};

/** Writes again and again until the connection ends. */
const drip = (socket: Socket, text: string | ((n: number) => string), everyMs = 20): void => {
  let n = 0;
  const timer = setInterval(() => socket.write(typeof text === 'string' ? text : text(n++)), everyMs);
  socket.on('close', () => clearInterval(timer));
};

const failureOf = (sent: Promise<void>): Promise<Error> =>
  sent.then(
    () => new Error('it was delivered'),
    (error: Error) => error,
  );

afterEach(async () => {
  client?.cut();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => (raw ? raw.close(resolve) : resolve(undefined)));
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = client = raw = undefined;
  attempts.length = 0;
});

describe('EndpointClient', () => {
  it('posts the event as it is stored, to path and query, with the headers of the endpoint', async () => {
    let got: unknown;
    const address = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { method, url, headers } = request;
      got = { method, url, body, headers };
      response.writeHead(204).end();
    });
    await clientOf(`http://me:p%40ss@${address}/in?token=1`, { headers: { 'X-Team': 'blue' } }).send(DELIVERY);
    expect(got).toMatchObject({
      method: 'POST',
      url: '/in?token=1',
      body: DELIVERY.event.json,
      headers: {
        authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
        'x-team': 'blue',
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'webhook-id': expect.stringMatching(/^msg_/),
      },
    });
  });

  it('tells of every attempt what became of it', async () => {
    let calls = 0;
    const address = await serve((request, response) => {
      request.resume();
      calls += 1;
      response.writeHead(calls === 1 ? 500 : 200).end(calls === 1 ? `no: ${'x'.repeat(1000)}` : 'fine');
    });
    await failureOf(clientOf(`http://${address}/`).send(DELIVERY));
    await client?.send({ ...DELIVERY, attempt: 2 });
    expect(attempts).toMatchObject([
      { attempt: 1, type: 'demo', source: '/x', id: '1', stream: 'hook:a', position: '1-0', status: 500 },
      { attempt: 2, status: 200, answer: 'fine' },
    ]);
    expect(attempts[0]?.failure).toMatch(/responded 500/);
    expect(attempts[0]?.answer).toMatch(/^no: x+$/);
    expect(attempts[0]?.answer?.length).toBeLessThan(300);
    expect(attempts[1]?.failure).toBeUndefined();
  });

  it('uses its connections again', async () => {
    const ports = new Set<number | undefined>();
    const address = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('thank you');
    });
    const it = clientOf(`http://${address}`);
    for (let n = 0; n < 10; n++) await it.send(DELIVERY);
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  it('finds a refused connection unavailable', async () => {
    const error = await failureOf(clientOf(`http://127.0.0.1:${await freePort()}/p?token=geheim`).send(DELIVERY));
    expect(error).toBeInstanceOf(Unreachable);
    expect(error.message).toContain('ECONNREFUSED');
    expect(error.message).not.toContain('geheim');
  });

  it('finds an unknown host unavailable', async () => {
    expect(await failureOf(clientOf('http://nowhere.invalid').send(DELIVERY))).toBeInstanceOf(Unreachable);
  });

  it('finds failing TLS unavailable', async () => {
    const address = await serve((_, response) => response.end());
    expect(await failureOf(clientOf(`https://${address}`).send(DELIVERY))).toBeInstanceOf(Unreachable);
  });

  it('names the time that an answer did not come in', async () => {
    const address = await serve(() => undefined);
    const error = await failureOf(clientOf(`http://${address}/slow`, {}, 100).send(DELIVERY));
    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toBe(`POST http://${address}/… did not respond within 100 ms`);
  });

  it('counts a connection that breaks off, for the event may be what broke it', async () => {
    const address = await serve((request) => request.socket.destroy());
    const error = await failureOf(clientOf(`http://${address}`).send(DELIVERY));
    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toContain('closed the connection');
  });

  it('takes a 200 whose body drips as delivered, and ends its connection', async () => {
    let isClosed = false;
    const address = await serve((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => {
        clearInterval(drip);
        isClosed = true;
      });
    });
    await clientOf(`http://${address}/`, {}, 200).send(DELIVERY);
    await waitFor(() => isClosed, { what: 'the connection to end' });
  });

  it('takes a 200 whose body never ends as delivered', async () => {
    const address = await serve((_, response) => void response.writeHead(200).write('more to come'));
    await clientOf(`http://${address}`, {}, 200).send(DELIVERY);
  });

  it('follows no redirect', async () => {
    const paths: (string | undefined)[] = [];
    const address = await serve((request, response) => {
      paths.push(request.url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    const error = await failureOf(clientOf(`http://${address}/here`).send(DELIVERY));
    expect(error.message).toContain('responded 307; redirects are not followed');
    expect(paths).toEqual(['/here']);
  });

  it('refuses for good what is no CloudEvent', async () => {
    const address = await serve((_, response) => response.end());
    const broken = { ...DELIVERY, event: { type: '', json: 'no json' } };
    expect(await failureOf(clientOf(`http://${address}`).send(broken))).toBeInstanceOf(PermanentError);
  });

  it('counts nothing of what a stop cuts off', async () => {
    let asked = false;
    const address = await serve(() => (asked = true));
    const it = clientOf(`http://${address}`);
    const failure = failureOf(it.send(DELIVERY));
    await waitFor(() => asked, { what: 'the request' });
    it.cut();
    const error = await failure;
    expect(error).toBeInstanceOf(Unavailable);
    expect(error).not.toBeInstanceOf(Unreachable);
  });

  it.each([
    ['a 100', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['a 102 and a 103', 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n'],
    ['a 199', 'HTTP/1.0 199 Whatever\r\nx: HTTP/1.1 100\r\n\r\n'],
  ])(
    'takes %s before the answer for what it is, in whatever pieces, at every request of a connection',
    async (_, interim) => {
      const answer = `${interim}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`;
      const address = await speak((socket, turn) => {
        const size = [answer.length, 1, 7][turn % 3] as number;
        for (let at = 0; at < answer.length; at += size) socket.write(answer.slice(at, at + size));
      });
      const it = clientOf(`http://${address}`, {}, 2000, { connections: 1 });
      for (let n = 0; n < 6; n++) await it.send(DELIVERY);
      expect(attempts.map(({ status, answer: body }) => [status, body])).toEqual(Array(6).fill([200, 'ok']));
      expect(sockets.size).toBe(1);
    },
  );

  it.each([
    ['interim answers for ever', (socket: Socket) => drip(socket, 'HTTP/1.1 102 Processing\r\n\r\n')],
    ['100 for ever', (socket: Socket) => drip(socket, 'HTTP/1.1 100 Continue\r\n\r\n')],
    [
      'an interim head that never ends',
      (socket: Socket) => drip(socket, (n) => (n === 0 ? 'HTTP/1.1 103 x\r\n' : `a${n}: b\r\n`)),
    ],
    [
      'a head that never ends',
      (socket: Socket) => drip(socket, (n) => (n === 0 ? 'HTTP/1.1 200 OK\r\n' : `a${n}: b\r\n`)),
    ],
    ['a status line that drips', (socket: Socket) => drip(socket, (n) => 'HTTP/1.1 200 OK'[n] ?? '')],
    ['nothing', () => undefined],
  ])('gives up after its time where an endpoint says %s', async (_, say) => {
    const address = await speak(say);
    const begin = performance.now();
    const error = await failureOf(clientOf(`http://${address}/`, {}, 300).send(DELIVERY));
    expect(error.message).toBe(`POST http://${address}/ did not respond within 300 ms`);
    expect(error).toBeInstanceOf(TransientError);
    expect(performance.now() - begin).toBeLessThan(1500);
    await waitFor(() => sockets.size === 0, { what: 'the connection to end' });
  });

  it('has one deadline over connecting and all that follows, and never sends what it gave up', async () => {
    const requests: string[] = [];
    const address = await speak((socket) => {
      requests.push('one');
      socket.write('HTTP/1.1 204 No Content\r\n\r\n');
    });
    // A name that takes longer to resolve than the deadline allows.
    const gone: (() => void)[] = [];
    const slow = new AddressGuard(
      ['127.0.0.0/8'],
      ((_name: string, _options: object, done: (...args: unknown[]) => void) =>
        void gone.push(() => done(null, [{ address: '127.0.0.1', family: 4 }]))) as never,
    );
    const it = clientOf(`http://slow.test:${address.split(':')[1]}/`, {}, 200, { guard: slow, connections: 1 });
    expect(await failureOf(it.send(DELIVERY))).toBeInstanceOf(Unreachable);
    for (const resolve of gone.splice(0)) resolve();
    const second = it.send(DELIVERY);
    await waitFor(() => gone.length > 0, { what: 'the name to be asked for again' });
    for (const resolve of gone.splice(0)) resolve();
    await second;
    expect(requests).toEqual(['one']);
  });

  it('begins the deadline of a request when it has a connection, not while others have them', async () => {
    const address = await serve((_, response) => void setTimeout(() => response.writeHead(204).end(), 150));
    const it = clientOf(`http://${address}/`, {}, 400, { connections: 1 });
    await Promise.all(Array.from({ length: 5 }, () => it.send(DELIVERY)));
    expect(attempts.map(({ status }) => status)).toEqual(Array(5).fill(204));
  });

  it('follows its name to a new address, however busy it is', async () => {
    const asked: string[] = [];
    const address = await serve((request, response) => {
      asked.push(`${request.socket.localAddress}`);
      response.end('ok');
    });
    const port = Number(address.split(':')[1]);
    const other = createServer((request, response) => {
      asked.push(`${request.socket.localAddress}`);
      response.end('ok');
    });
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.2', resolve));
    let current = '127.0.0.1';
    const moving = new AddressGuard(['127.0.0.0/8'], ((
      _name: string,
      _options: object,
      done: (...args: unknown[]) => void,
    ) => done(null, [{ address: current, family: 4 }])) as never);
    const it = clientOf(`http://moving.test:${port}/`, {}, 2000, { guard: moving, maxAgeMs: 200 });
    await it.send(DELIVERY);
    current = '127.0.0.2';
    await waitFor(
      async () => {
        await it.send(DELIVERY);
        return asked.at(-1) === '127.0.0.2';
      },
      { what: 'a request at the new address', everyMs: 5 },
    );
    expect(attempts.every(({ failure }) => failure === undefined)).toBe(true);
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
  });
});
