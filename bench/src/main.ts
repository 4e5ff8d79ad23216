import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { haveRealRedis, startRedis } from '@millrace/testkit';
import type { BenchCase } from './bench-case.js';
import { CASES, casesOf } from './cases.js';
import { HELP, type Options, parseOptions } from './options.js';
import { type HopResult, runPeers } from './peers/peers.js';
import { chartOf } from './report/chart.js';
import { machine, markdownOf } from './report/report.js';
import { type CaseResult, runCase } from './run-case.js';

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const tell = (what: string): void => void process.stderr.write(`${new Date().toTimeString().slice(0, 8)} ${what}\n`);

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const asked = (): { options: Options; cases: readonly BenchCase[] } => {
  try {
    const options = parseOptions(process.argv.slice(2));
    return { options, cases: casesOf(options.cases, options.quick) };
  } catch (error) {
    return fail(`${(error as Error).message} (npm run bench -- --help)`);
  }
};

const redisVersion = async (): Promise<string> => {
  const redis = await startRedis({ flavour: 'native' });
  await redis.stop();
  return redis.version;
};

const save = async (out: string, markdown: string, results: CaseResult[], peers: HopResult[], on: string) => {
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'results.md'), markdown);
  await writeFile(join(out, 'results.json'), `${JSON.stringify({ on, results, peers }, null, 2)}\n`);
  await writeFile(join(out, 'results.svg'), chartOf(results));
  tell(`the results are in ${resolve(out)}`);
};

const main = async (): Promise<void> => {
  const { options, cases } = asked();
  if (options.help) return print(HELP);
  if (options.list) return print(CASES.map(({ name, about }) => `${name.padEnd(16)} ${about}`).join('\n'));
  if (process.platform !== 'linux') fail('the bench reads /proc, which only Linux has');
  if (!haveRealRedis()) fail('the bench needs a redis-server on the PATH');
  if (options.profile !== undefined) await mkdir(options.profile, { recursive: true });
  const on = machine(await redisVersion());
  const results: CaseResult[] = [];
  for (const it of cases) {
    tell(`${it.name}: ${it.about}`);
    results.push(await runCase(it, options, tell));
  }
  const peers = options.peers ? await runPeers(options.rounds, tell) : [];
  const markdown = markdownOf(results, peers, on);
  print(markdown);
  if (options.out !== undefined) await save(options.out, markdown, results, peers, on);
};

await main();
process.exit(0);
