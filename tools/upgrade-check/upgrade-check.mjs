/**
 * Proves that an upgrade needs no stop: builds the last release beside this version, and runs the whole pipeline under
 * faults with a process of each for every service, on the same streams (`npm run chaos -- --beside`). So each version reads
 * what the other one wrote, takes over what the other one had in flight, and nothing may be lost, doubled or reordered.
 * `npm run check:upgrade` builds this version first.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `npm run check:upgrade [-- options]

Runs the last release and this version side by side under faults, and looks where every event is.

  --from REV     the version to run beside this one: a tag or a commit; default the last release
  --minutes N    how long faults go on; default 0.5
  --seed N       repeats the faults of an earlier run; default 7
  --help         this text

It needs git, a redis-server on the PATH, and a clone that is not shallow.
`;

const root = fileURLToPath(new URL('../../', import.meta.url));
const SERVICES = ['gateway', 'router', 'sink-postgres', 'sink-webhook', 'sink-timeseries', 'chaos'];

const fail = (why) => {
  process.stderr.write(`check:upgrade: ${why}\n`);
  process.exit(1);
};

const git = (...args) =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
const commitOf = (rev) => {
  try {
    return git('rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`);
  } catch {
    return undefined;
  }
};

/** The tag of the version in package.json, where that is out; else what the one before was made of. */
const lastRelease = () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const tag = `v${version}`;
  const released = commitOf(tag);
  if (released !== undefined && released !== commitOf('HEAD')) return tag;
  return readFileSync(new URL('previous-release', import.meta.url), 'utf8').trim();
};

const optionsOf = () => {
  const options = { from: { type: 'string' }, minutes: { type: 'string', default: '0.5' } };
  try {
    return parseArgs({
      options: { ...options, seed: { type: 'string', default: '7' }, help: { type: 'boolean', short: 'h' } },
    }).values;
  } catch (error) {
    return fail(`${error.message} (npm run check:upgrade -- --help)`);
  }
};

const { from = lastRelease(), minutes, seed, help } = optionsOf();
if (help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const commit = commitOf(from) ?? fail(`${from} is no commit of this clone; --from takes a tag or a commit`);
const work = mkdtempSync(join(tmpdir(), 'millrace-upgrade-'));
const old = join(work, 'old');

/** Runs to the end, its output ours. */
const run = (program, args, cwd) => {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1' };
  const { status, signal, error } = spawnSync(program, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  rmSync(work, { recursive: true, force: true });
  fail(`${program} ${args.join(' ')}: ${error?.message ?? (signal === null ? `exit code ${status}` : signal)}`);
};

process.stdout.write(`building ${from} (${commit.slice(0, 8)})\n`);
run('git', ['clone', '--quiet', '--shared', '--no-checkout', root, old], root);
run('git', ['checkout', '--quiet', '--detach', commit], old);
run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--silent'], old);
const filters = SERVICES.map((name) => `--filter=@millrace/${name}`);
run('npx', ['turbo', 'run', 'build', '--output-logs=errors-only', ...filters], old);
process.stdout.write(`${from} beside this version\n`);
run('node', ['tools/chaos/dist/main.js', '--minutes', minutes, '--seed', seed, '--beside', old], root);
rmSync(work, { recursive: true, force: true });
