import { copyFileSync, writeFileSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import {
  type Certificate,
  Certificates,
  describeWithOpenssl,
  freePort,
  type RedisServer,
  startRedis,
  waitFor,
} from '@millrace/testkit';
import { startGateway, type TestGateway } from './gateway.js';

// Certificates by openssl; the connections are real ones.
describeWithOpenssl('HTTPS', () => {
  let redis: RedisServer;
  let certificates: Certificates;
  let server: Certificate;
  let gateway: TestGateway | undefined;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(() => {
    certificates = new Certificates();
    server = certificates.sign('gateway');
  });
  afterEach(async () => {
    await gateway?.close();
    gateway = undefined;
    certificates.remove();
  });

  const files = () => ({ TLS_CERT_FILE: server.cert, TLS_KEY_FILE: server.key });
  const trusted = (): RequestOptions => ({ ca: certificates.text(certificates.ca) });
  const shown = ({ cert, key }: Certificate): RequestOptions => ({
    cert: certificates.text(cert),
    key: certificates.text(key),
  });

  /** Status of a request that sends an event. */
  const send = (options: RequestOptions): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const asked = request(`${gateway?.url}/v1/events`, { method: 'POST', headers, agent: false, ...options });
      asked.on('error', reject).on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asked.end('{"type":"t"}');
    });

  it('is answered to whoever knows the authority, and HTTP is not', async () => {
    gateway = await startGateway(redis.url, files());
    expect(gateway.url).toMatch(/^https:/);
    expect(await send(trusted())).toBe(202);
    await expect(send({})).rejects.toThrow(/certificate/);
    await expect(fetch(gateway.url.replace('https', 'http'))).rejects.toThrow();
  });

  it('asks for a certificate of the authority of clients, where there is one', async () => {
    gateway = await startGateway(redis.url, { ...files(), TLS_CLIENT_CA_FILE: certificates.ca });
    expect(await send({ ...trusted(), ...shown(certificates.sign('client')) })).toBe(202);
    await expect(send(trusted())).rejects.toThrow();
    const strangers = new Certificates();
    const { cert, key } = strangers.sign('client');
    await expect(send({ ...trusted(), cert: strangers.text(cert), key: strangers.text(key) })).rejects.toThrow();
    strangers.remove();
    expect(await gateway.appended()).toHaveLength(1);
  });

  it('lets probes and scrapes in without, on a port of their own', async () => {
    const HEALTH_PORT = await freePort();
    gateway = await startGateway(redis.url, { ...files(), TLS_CLIENT_CA_FILE: certificates.ca, HEALTH_PORT });
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${HEALTH_PORT}${path}`)).status;
    await waitFor(async () => (await status('/health/ready')) === 200, { what: 'a gateway that is ready' });
    expect([await status('/health/live'), await status('/metrics')]).toEqual([200, 200]);
    for (const path of ['/v1/events', '/api/ingest/summary', '/docs', '/health/live/../../v1/events', '/metricsx']) {
      expect([path, await status(path)]).toEqual([path, 404]);
    }
    const posted = await fetch(`http://127.0.0.1:${HEALTH_PORT}/v1/events`, { method: 'POST', body: '{"type":"t"}' });
    expect(posted.status).toBe(404);
  });

  it('shows metrics on the port for scrapes alone, by any spelling', async () => {
    const HEALTH_PORT = await freePort();
    gateway = await startGateway(redis.url, { HEALTH_PORT });
    for (const path of ['/metrics', '/%6detrics', '/metrics?x=1']) {
      expect([path, (await fetch(gateway.url + path)).status]).toEqual([path, 404]);
    }
    expect((await fetch(`http://127.0.0.1:${HEALTH_PORT}/metrics`)).status).toBe(200);
    expect((await fetch(`${gateway.url}/health/live`)).status).toBe(200);
  });

  it('takes a renewed certificate up, and drops no connection', async () => {
    gateway = await startGateway(redis.url, files());
    const { port } = new URL(gateway.url);
    const open = (): Promise<TLSSocket> =>
      new Promise((resolve, reject) => {
        const socket = connect({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false }, () =>
          resolve(socket),
        );
        socket.on('error', reject);
      });
    const nameOf = (socket: TLSSocket): string => String(socket.getPeerCertificate().subject.CN);
    const kept = await open();
    expect(nameOf(kept)).toBe('gateway');
    writeFileSync(server.key, 'half of a');
    const renewed = certificates.sign('renewed');
    copyFileSync(renewed.cert, server.cert);
    copyFileSync(renewed.key, server.key);
    await waitFor(
      async () => {
        const socket = await open();
        const name = nameOf(socket);
        socket.destroy();
        return name === 'renewed';
      },
      { what: 'the renewed certificate' },
    );
    const answered = new Promise<string>((resolve) => kept.once('data', (data) => resolve(String(data))));
    kept.write('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(await answered).toMatch(/^HTTP\/1.1 200/);
    kept.destroy();
  });

  it.each([
    ['TLS_CERT_FILE: /nowhere cannot be read: ENOENT', () => ({ ...files(), TLS_CERT_FILE: '/nowhere' })],
    ['TLS_KEY_FILE: is required with TLS_CERT_FILE', () => ({ TLS_CERT_FILE: server.cert })],
    ['TLS_CERT_FILE: is required with TLS_CLIENT_CA_FILE', () => ({ TLS_CLIENT_CA_FILE: certificates.ca })],
    [/^TLS_CERT_FILE: .* is no certificate: /, () => ({ ...files(), TLS_CERT_FILE: server.key })],
    [
      /^TLS_KEY_FILE: .* is no key of .*gateway.crt: /,
      () => ({ ...files(), TLS_KEY_FILE: certificates.sign('x').key }),
    ],
    [/^REDIS_CA_FILE is set, but REDIS_URL is not one with TLS/, () => ({ REDIS_CA_FILE: certificates.ca })],
  ])('does not begin where the files cannot be used: %s', async (why, config) => {
    await expect(startGateway(redis.url, config())).rejects.toThrow(why);
  });
});
