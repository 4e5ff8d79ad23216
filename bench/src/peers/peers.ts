import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { spreadOf } from '../report/spread.js';
import { isInstalled, type PeerKind, startPeer } from './servers.js';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('../../peers/', import.meta.url));
const EVENTS = '60000';

interface Peer {
  readonly name: string;
  readonly script: string;
  readonly kind: PeerKind;
  readonly env?: Readonly<Record<string, string>>;
}

const PEERS: readonly Peer[] = [
  { name: 'Millrace', script: 'millrace', kind: 'redis', env: { FRAME_MAX_EVENTS: '100' } },
  { name: 'Millrace, an entry each', script: 'millrace', kind: 'redis', env: { FRAME_MAX_EVENTS: '1' } },
  { name: 'RabbitMQ', script: 'rabbitmq', kind: 'rabbitmq' },
  { name: 'NATS JetStream', script: 'nats', kind: 'nats' },
  { name: 'BullMQ', script: 'bullmq', kind: 'redis' },
  { name: 'moleculer-channels', script: 'moleculer-channels', kind: 'redis' },
  { name: "Nest's Redis transport", script: 'nest-redis', kind: 'redis' },
];

/** What one hop cost: medians, the product's first. */
export interface HopResult {
  readonly name: string;
  /** Microseconds of CPU an event. */
  readonly node: number;
  readonly server: number;
  readonly perSecond: number;
  /** Events that never came. */
  readonly lost: number;
}

interface Hop {
  readonly events: number;
  readonly seconds: number;
  readonly cpu: { readonly node: number; readonly server: number };
  readonly lost: number;
}

/** Sends events over one hop with each of them whose server is installed, in turns. */
export const runPeers = async (rounds: number, tell: (what: string) => void): Promise<HopResult[]> => {
  if (!existsSync(`${folder}node_modules`)) {
    tell('installing the clients of the peers');
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  }
  const present = PEERS.filter(({ name, kind }) => {
    if (!isInstalled(kind)) tell(`${name} is left out: its server is not installed`);
    return isInstalled(kind);
  });
  const hops = new Map<Peer, Hop[]>(present.map((peer) => [peer, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const peer of present) hops.get(peer)?.push(await hopOf(peer));
    tell(`one hop: round ${round + 1} of ${rounds}`);
  }
  return Array.from(hops, ([{ name }, all]) => ({
    name,
    node: spreadOf(all.map(({ cpu }) => cpu.node)).median,
    server: spreadOf(all.map(({ cpu }) => cpu.server)).median,
    perSecond: spreadOf(all.map(({ events, seconds }) => events / seconds)).median,
    lost: all.reduce((sum, { lost }) => sum + lost, 0),
  }));
};

const hopOf = async ({ script, kind, env }: Peer): Promise<Hop> => {
  const server = await startPeer(kind);
  try {
    const { stdout } = await run(process.execPath, [`${folder}${script}.mjs`], {
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'production',
        EVENTS,
        SERVER_URL: server.url,
        SERVER_PID: String(server.pid),
        ...env,
      },
      timeout: 300_000,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1) as string) as Hop;
  } finally {
    await server.stop();
  }
};
