import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, programOnPath, ServerProcess, startRedis, waitFor } from '@millrace/testkit';

/** A server that a hop is measured over. */
export interface PeerServer {
  readonly url: string;
  /** Of the process whose CPU time counts. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Started for each measurement anew, with what it keeps in a folder of its own. */
export type PeerKind = 'redis' | 'rabbitmq' | 'nats';

/** Debian's other one changes to a user of its own first, and has fixed folders. */
const RABBITMQ = '/usr/lib/rabbitmq/bin/rabbitmq-server';

const rabbitmq = (): string | undefined => (existsSync(RABBITMQ) ? RABBITMQ : programOnPath('rabbitmq-server'));

/** Whether the programs of such a server are installed. */
export const isInstalled = (kind: PeerKind): boolean =>
  kind === 'redis' || (kind === 'nats' ? programOnPath('nats-server') : rabbitmq()) !== undefined;

/** Starts one that keeps what it confirms on its disk, as it does by default. */
export const startPeer = (kind: PeerKind): Promise<PeerServer> => STARTS[kind]();

const startRedisPeer = async (): Promise<PeerServer> => {
  const redis = await startRedis({ flavour: 'native', config: { appendonly: 'yes', appendfsync: 'everysec' } });
  return { url: redis.url, pid: redis.pid as number, stop: () => redis.stop() };
};

const startNats = async (): Promise<PeerServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-nats-'));
  const port = await freePort();
  const server = new ServerProcess({
    name: 'nats-server',
    program: 'nats-server',
    args: ['--jetstream', '--store_dir', folder, '--addr', '127.0.0.1', '--port', String(port)],
    env: { PATH: process.env['PATH'] },
    stopSignal: 'SIGTERM',
    guardSignal: 'KILL',
    temporaryFolder: folder,
  });
  await listening(server, port);
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: `nats://127.0.0.1:${port}`, pid: server.pid as number, stop };
};

const startRabbitmq = async (): Promise<PeerServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-rabbitmq-'));
  const [port, distribution, epmd] = [await freePort(), await freePort(), await freePort()];
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    // Its port mapper is a daemon: one of our own can be ended.
    ERL_EPMD_PORT: String(epmd),
    RABBITMQ_NODENAME: `bench-${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
  };
  await writeFile(env.RABBITMQ_ENABLED_PLUGINS_FILE, '[].');
  await writeFile(`${env.RABBITMQ_CONFIG_FILE}.conf`, '');
  const server = new ServerProcess({
    name: 'rabbitmq-server',
    program: rabbitmq() as string,
    args: [],
    env,
    stopSignal: 'SIGTERM',
    guardSignal: 'KILL',
    temporaryFolder: folder,
  });
  await listening(server, port);
  const pid = Number(await readFile(env.RABBITMQ_PID_FILE, 'utf8'));
  const stop = async (): Promise<void> => {
    await server.stop(30_000);
    await promisify(execFile)('epmd', ['-port', String(epmd), '-kill'], { env }).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  };
  return { url: `amqp://guest:guest@127.0.0.1:${port}`, pid, stop };
};

const STARTS: Readonly<Record<PeerKind, () => Promise<PeerServer>>> = {
  redis: startRedisPeer,
  rabbitmq: startRabbitmq,
  nats: startNats,
};

const listening = async (server: ServerProcess, port: number): Promise<void> => {
  const answers = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  const isReady = (): Promise<boolean> => {
    if (!server.running) throw new Error(server.obituary());
    return answers();
  };
  await waitFor(isReady, { what: `a server to listen on ${port}`, timeoutMs: 60_000, everyMs: 100 }).catch(
    async (error: unknown) => {
      await server.kill();
      throw error;
    },
  );
};
