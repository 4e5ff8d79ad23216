/**
 * Tries every property of the tests with many more inputs than `npm test` does: a seed after the other, until the time is
 * over or one fails. Then it prints the smallest input that fails, and how to try it again.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `npm run fuzz -- [options] [part…]

Tries the properties of the tests with generated inputs, on real servers. A part is a folder or file, as packages/json.

  --minutes N   how long; default 10
  --seed N      of the first round; each round has the next one. Default: of the clock
  --runs N      so many times the inputs of npm test in a round; default 5
  --help        this text
`;

const root = fileURLToPath(new URL('../../', import.meta.url));
const say = (text) => process.stdout.write(`${text}\n`);
const fail = (text) => {
  process.stderr.write(`${text}\n`);
  process.exit(1);
};

const numberOf = (name, text, least) => {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least) fail(`--${name} must be a number from ${least} on, got "${text}"`);
  return value;
};

const readOptions = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        minutes: { type: 'string', default: '10' },
        seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
        runs: { type: 'string', default: '5' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return fail(`${error.message} (npm run fuzz -- --help)`);
  }
};

/** Test files that make their own inputs. */
const propertyFiles = (parts) =>
  ['packages', 'apps', 'tools']
    .flatMap((kind) => readdirSync(`${root}${kind}`).map((name) => `${kind}/${name}/test`))
    .filter((folder) => existsSync(`${root}${folder}`))
    .flatMap((folder) => readdirSync(`${root}${folder}`, { recursive: true }).map((file) => `${folder}/${file}`))
    .filter((file) => file.endsWith('.spec.ts'))
    .filter((file) => parts.length === 0 || parts.some((part) => file.startsWith(part)))
    .filter((file) => /from 'fast-check'/.test(readFileSync(`${root}${file}`, 'utf8')))
    .sort();

/** One round of all files; what it printed, and whether it passed. */
const round = (files, seed, runs) =>
  new Promise((resolve) => {
    const jest = ['--no-warnings', 'node_modules/jest/bin/jest.js'];
    const child = spawn(process.execPath, [...jest, '--testTimeout=3600000', '--runTestsByPath', ...files], {
      cwd: root,
      env: { ...process.env, MILLRACE_FUZZ_SEED: String(seed), MILLRACE_FUZZ_RUNS: String(runs) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => resolve({ passed: code === 0, output }));
    process.once('SIGINT', () => child.kill('SIGINT'));
  });

/** What of jest's output says which property failed, and on what. */
const failuresIn = (output) =>
  output
    .slice(Math.max(0, output.indexOf('Summary of all failing tests')))
    .split('\n')
    .filter((line) => !/^\s+at /.test(line))
    .join('\n')
    .slice(0, 20_000);

const { values, positionals } = readOptions();
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const minutes = numberOf('minutes', values.minutes, 0);
const runs = numberOf('runs', values.runs, 0.01);
const files = propertyFiles(positionals);
if (files.length === 0) fail(`no test of ${positionals.join(', ')} makes its own inputs`);
say(`${files.length} files of properties for ${minutes} minutes, ${runs} times the inputs of npm test in a round`);
const end = performance.now() + minutes * 60_000;
let seed = numberOf('seed', values.seed, 0);
do {
  const began = performance.now();
  const { passed, output } = await round(files, seed, runs);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  if (!passed) {
    say(failuresIn(output));
    fail(
      `seed ${seed} failed after ${seconds} s; again: npm run fuzz -- --seed ${seed} --runs ${runs} --minutes 0 [part]`,
    );
  }
  say(`seed ${seed}: ${/^Tests:.*$/m.exec(output)?.[0] ?? 'passed'} in ${seconds} s`);
  seed += 1;
} while (performance.now() < end);
