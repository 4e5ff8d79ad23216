import { writeFile } from 'node:fs/promises';
import { haveRealRedis } from '@millrace/testkit';
import { reportOf } from './examine/report.js';
import { HELP, type Options, parseOptions } from './options.js';
import { runChaos } from './run.js';

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const optionsOf = (args: readonly string[]): Options => {
  try {
    return parseOptions(args);
  } catch (error) {
    return fail(`${(error as Error).message} (npm run chaos -- --help)`);
  }
};

const main = async (): Promise<number> => {
  const { minutes, seed, cluster, beside, json, help } = optionsOf(process.argv.slice(2));
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (!haveRealRedis()) fail('npm run chaos needs a redis-server or valkey-server on the PATH');
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const began = Date.now();
  const tell = (what: string): void => {
    process.stdout.write(`${((Date.now() - began) / 1000).toFixed(1).padStart(7)} s  ${what}\n`);
  };
  tell(`${minutes} minutes of faults, seed ${seed}`);
  const alive = setInterval(() => undefined, 60_000);
  const result = await runChaos({
    seed,
    lengthMs: minutes * 60_000,
    onCluster: cluster,
    beside,
    signal: stopping.signal,
    tell,
  });
  clearInterval(alive);
  process.stdout.write(
    reportOf(
      result,
      [
        'npm run chaos -- --minutes',
        minutes,
        '--seed',
        seed,
        ...(cluster ? ['--cluster'] : []),
        ...(beside === undefined ? [] : ['--beside', beside]),
      ].join(' '),
    ),
  );
  if (json !== undefined) await writeFile(json, `${JSON.stringify(result, null, 2)}\n`);
  return result.findings.every(({ ok }) => ok) ? 0 : 1;
};

process.exit(await main().catch((error: Error) => fail(error.stack ?? error.message)));
