import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RedisTls, RedisTransport } from '@millrace/streams/redis';
import {
  Certificates,
  describeWithOpenssl,
  freePort,
  itOnRealRedis,
  type RedisServer,
  redisProgram,
  ServerProcess,
  startRedis,
  waitFor,
} from '@millrace/testkit';

// Certificates by openssl, and a redis-server that was built with TLS, as Debian's and the official image are.
describeWithOpenssl('Redis with TLS', () => {
  let certificates: Certificates;
  let settings: Record<string, string>;
  let own: RedisTls;
  const servers: { stop(): Promise<void> }[] = [];
  const transports: RedisTransport[] = [];

  beforeAll(() => {
    certificates = new Certificates();
    const [server, client] = [certificates.sign('redis'), certificates.sign('client')];
    settings = { 'tls-cert-file': server.cert, 'tls-key-file': server.key, 'tls-ca-cert-file': certificates.ca };
    own = {
      ca: certificates.text(certificates.ca),
      cert: certificates.text(client.cert),
      key: certificates.text(client.key),
    };
  });
  afterAll(() => certificates.remove());
  afterEach(async () => {
    await Promise.all(transports.splice(0).map((transport) => transport.close()));
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  /** A server that asks for client certificates on its TLS port. */
  const start = async (config: Record<string, string> = {}): Promise<{ plain: RedisServer; port: number }> => {
    const port = await freePort();
    const plain = await startRedis({
      flavour: 'native',
      config: { ...settings, 'tls-port': String(port), ...config },
    });
    servers.push(plain);
    return { plain, port };
  };
  const connect = (url: string, tls: RedisTls): RedisTransport => {
    const transport = new RedisTransport({ url, tls });
    transports.push(transport);
    return transport;
  };
  const append = (transport: RedisTransport) =>
    transport.producer.append({ name: 'in', partition: 0 }, [{ type: 't', json: '{}' }]);
  const accepted = [{ status: 'accepted', position: expect.any(String) }];

  itOnRealRedis('lets in who shows a certificate and knows its authority, and nobody else', async () => {
    const { port } = await start();
    expect(await append(connect(`rediss://127.0.0.1:${port}`, own))).toEqual(accepted);
    const { ca, ...withoutCa } = own;
    await expect(append(connect(`rediss://127.0.0.1:${port}`, withoutCa))).rejects.toThrow(/Redis/);
    await expect(append(connect(`rediss://127.0.0.1:${port}`, { ca: ca as string }))).rejects.toThrow(/Redis/);
    await expect(append(connect(`redis://127.0.0.1:${port}`, own))).rejects.toThrow(/Redis/);
  });

  itOnRealRedis('has the certificate that is there when it connects', async () => {
    const { port } = await start();
    const tls = { ...own };
    const transport = connect(`rediss://127.0.0.1:${port}`, tls);
    await append(transport);
    const [server] = servers as [RedisServer];
    const other = new Certificates();
    const [theirs, ours] = [other.sign('redis'), other.sign('client')];
    for (const [from, to] of [
      [theirs.cert, settings['tls-cert-file']],
      [theirs.key, settings['tls-key-file']],
    ]) {
      copyFileSync(from as string, to as string);
    }
    const authority = settings['tls-ca-cert-file'] as string;
    const before = certificates.text(authority);
    copyFileSync(other.ca, authority);
    Object.assign(tls, { ca: other.text(other.ca), cert: other.text(ours.cert), key: other.text(ours.key) });
    await server.restart();
    expect(await waitFor(() => append(transport).catch(() => undefined), { what: 'an append' })).toEqual(accepted);
    writeFileSync(authority, before);
    other.remove();
  });

  itOnRealRedis('is a cluster: by each of its ways', async () => {
    const certificate = certificates.sign('node');
    const { plain, port } = await start({
      'tls-cert-file': certificate.cert,
      'tls-key-file': certificate.key,
      'cluster-enabled': 'yes',
      'cluster-port': String(await freePort()),
      'tls-cluster': 'yes',
      'cluster-announce-ip': '127.0.0.1',
    });
    const admin = new RedisTransport({ url: plain.url });
    transports.push(admin);
    await admin.connections.connect('slots').call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
    const url = `rediss+cluster://127.0.0.1:${port}`;
    const transport = connect(url, own);
    const results = await waitFor(() => append(transport).catch(() => undefined), { what: 'the cluster' });
    expect(results).toEqual(accepted);
    expect(await transport.connections.connectTo('{p0}', 'slot').ping()).toBe('PONG');
    await expect(connect(url, {}).connections.connectTo('{p0}', 'slot').ping()).rejects.toThrow();
  });

  itOnRealRedis('is behind a Sentinel that has TLS too', async () => {
    const certificate = certificates.sign('watched');
    const pair = { 'tls-cert-file': certificate.cert, 'tls-key-file': certificate.key };
    const { port } = await start(pair);
    const sentinelPort = await freePort();
    const file = join(certificates.folder, 'sentinel.conf');
    writeFileSync(
      file,
      [
        ...[
          `port 0`,
          `tls-port ${sentinelPort}`,
          'tls-replication yes',
          'bind 127.0.0.1',
          `dir ${certificates.folder}`,
        ],
        ...Object.entries({ ...settings, ...pair }).map(([name, value]) => `${name} ${value}`),
        `sentinel monitor watched 127.0.0.1 ${port} 1\n`,
      ].join('\n'),
    );
    const sentinel = new ServerProcess({
      name: 'sentinel',
      program: redisProgram() as string,
      args: [file, '--sentinel'],
      cwd: certificates.folder,
      stopSignal: 'SIGTERM',
      guardSignal: 'KILL',
    });
    servers.push(sentinel);
    const url = `rediss+sentinel://127.0.0.1:${sentinelPort}/watched`;
    const transport = connect(url, own);
    const results = await waitFor(() => append(transport).catch(() => undefined), { what: 'the Sentinel' });
    expect(results).toEqual(accepted);
    await expect(append(connect(url, {}))).rejects.toThrow();
  });
});
