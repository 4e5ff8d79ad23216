import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Attempt, parseEndpoint } from '@millrace/endpoints';
import { type Delivery, PermanentError, TransientError, Unavailable } from '@millrace/streams';
import { freePort, waitFor } from '@millrace/testkit';
import { AddressGuard } from '../src/delivery/address-guard.js';
import { EndpointClient } from '../src/delivery/endpoint-client.js';

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
let client: EndpointClient | undefined;

const serve = async (listener: RequestListener): Promise<string> => {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const clientOf = (url: string, more: object = {}, timeoutMs = 5000): EndpointClient => {
  const endpoint = parseEndpoint({ name: 'a', url, ...more }, { source: 'test', place: 'endpoint' });
  client = new EndpointClient(endpoint, { connections: 2, timeoutMs, guard, onAttempt: (one) => attempts.push(one) });
  return client;
};

const failureOf = (sent: Promise<void>): Promise<Error> =>
  sent.then(
    () => new Error('it was delivered'),
    (error: Error) => error,
  );

afterEach(async () => {
  await client?.cut();
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = client = undefined;
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
    expect(attempts[0]?.failure).toMatch(/answered 500/);
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
    expect(error).toBeInstanceOf(Unavailable);
    expect(error.message).toContain('ECONNREFUSED');
    expect(error.message).not.toContain('geheim');
  });

  it('finds an unknown host unavailable', async () => {
    expect(await failureOf(clientOf('http://nowhere.invalid').send(DELIVERY))).toBeInstanceOf(Unavailable);
  });

  it('finds failing TLS unavailable', async () => {
    const address = await serve((_, response) => response.end());
    expect(await failureOf(clientOf(`https://${address}`).send(DELIVERY))).toBeInstanceOf(Unavailable);
  });

  it('names the time that an answer did not come in', async () => {
    const address = await serve(() => undefined);
    const error = await failureOf(clientOf(`http://${address}/slow`, {}, 100).send(DELIVERY));
    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toBe(`POST http://${address}/slow gave no answer within 100 ms`);
  });

  it('counts a connection that breaks off, for the event may be what broke it', async () => {
    const address = await serve((request) => request.socket.destroy());
    const error = await failureOf(clientOf(`http://${address}`).send(DELIVERY));
    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toContain('broke off');
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
    expect(error.message).toContain('answered 307; redirects are not followed');
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
    await it.cut();
    expect(await failure).toBeInstanceOf(Unavailable);
  });
});
