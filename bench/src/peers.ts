import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startRedis } from '@millrace/testkit';
import { spreadOf } from './report/spread.js';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('../peers/', import.meta.url));
const NAMES = ['millrace', 'nest-redis', 'moleculer-channels', 'bullmq'] as const;

/** What one hop cost: medians. */
export interface HopResult {
  readonly name: (typeof NAMES)[number];
  /** Microseconds of CPU an event. */
  readonly node: number;
  readonly redis: number;
  readonly perSecond: number;
  /** Events that never came. */
  readonly lost: number;
}

interface Hop {
  readonly events: number;
  readonly seconds: number;
  readonly cpu: { readonly node: number; readonly redis: number };
  readonly lost: number;
}

/** Sends events over one hop with each of them, in turns. */
export const runPeers = async (rounds: number, tell: (what: string) => void): Promise<HopResult[]> => {
  if (!existsSync(`${folder}node_modules`)) {
    tell('installing the peers');
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  }
  const hops = new Map<HopResult['name'], Hop[]>(NAMES.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of NAMES) {
      const redis = await startRedis({ flavour: 'native' });
      try {
        const env = { PATH: process.env['PATH'], REDIS_URL: redis.url, EVENTS: '60000', NODE_ENV: 'production' };
        const { stdout } = await run(process.execPath, [`${folder}${name}.mjs`], { env, timeout: 300_000 });
        hops.get(name)?.push(JSON.parse(stdout.trim().split('\n').at(-1) as string) as Hop);
      } finally {
        await redis.stop();
      }
    }
    tell(`one hop: round ${round + 1} of ${rounds}`);
  }
  return Array.from(hops, ([name, all]) => ({
    name,
    node: spreadOf(all.map(({ cpu }) => cpu.node)).median,
    redis: spreadOf(all.map(({ cpu }) => cpu.redis)).median,
    perSecond: spreadOf(all.map(({ events, seconds }) => events / seconds)).median,
    lost: all.reduce((sum, { lost }) => sum + lost, 0),
  }));
};
