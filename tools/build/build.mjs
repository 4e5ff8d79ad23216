/**
 * Builds what has changed, and says how far it is: in one line on a terminal, in one every few seconds elsewhere. Of what the
 * compilers print, the output of failed packages is shown. Arguments go to `turbo run build`: `--filter=@millrace/router`, `--force`.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { startTurbo } from './turbo.mjs';

const REPORT_EVERY_MS = 5000;
/** What npm adds to the output of a script. */
const OF_NPM = /^(npm error|> )/;

const args = process.argv.slice(2);
const print = (line) => process.stdout.write(`${line}\n`);
const packages = (count) => `${count} ${count === 1 ? 'package' : 'packages'}`;

/** Names of all packages that are asked for, and of those that are not built yet. */
const plan = async () => {
  const dry = startTurbo(['run', 'build', '--dry=json', ...args], ['ignore', 'pipe', 'pipe']);
  const [out, err, [code]] = await Promise.all([text(dry.stdout), text(dry.stderr), once(dry, 'close')]);
  if (code !== 0) {
    process.stderr.write(err || out);
    process.exit(1);
  }
  const tasks = JSON.parse(out).tasks.filter(({ command }) => command !== '<NONEXISTENT>');
  const unbuilt = tasks.filter(({ cache }) => cache.status !== 'HIT' || args.includes('--force'));
  return { all: tasks.length, unbuilt: new Set(unbuilt.map((task) => task.package)) };
};

/** Writes how many are done, over the last time on a terminal. */
const progressOf = (total) => {
  const line = (done) => `Building ${packages(total)}: ${done} done`;
  if (process.stdout.isTTY) {
    return { show: (done) => process.stdout.write(`\r${line(done)}`), end: () => process.stdout.write('\r\u001b[K') };
  }
  let shownAt = Number.NEGATIVE_INFINITY;
  const show = (done) => {
    if (Date.now() - shownAt < REPORT_EVERY_MS) return;
    shownAt = Date.now();
    print(line(done));
  };
  return { show, end: () => undefined };
};

/** Runs the build. Gives its exit code, and the output of the packages that failed. */
const build = async (unbuilt, progress) => {
  // Grouped, a package's output comes when it is done.
  const flags = ['--output-logs=full', '--log-order=grouped', '--log-prefix=task', '--ui=stream'];
  const turbo = startTurbo(['run', 'build', ...flags, ...args], ['ignore', 'pipe', 'pipe']);
  const outputs = new Map();
  const others = [];
  const done = new Set();
  createInterface({ input: turbo.stdout }).on('line', (line) => {
    const [, name, output] = /^(\S+):build: (.*)$/.exec(line) ?? [];
    if (name === undefined) return others.push(line);
    outputs.set(name, [...(outputs.get(name) ?? []), output]);
    if (!unbuilt.has(name)) return;
    done.add(name);
    progress.show(done.size);
  });
  const [err, [code]] = await Promise.all([text(turbo.stderr), once(turbo, 'close')]);
  if (code === 0) return { code };
  const failed = [...outputs.keys()].filter((name) =>
    others.some((line) => /^Failed:/.test(line) && line.includes(`${name}#`)),
  );
  const lines = failed.flatMap((name) => outputs.get(name).slice(1));
  const shown = lines.filter((line) => line !== '' && !OF_NPM.test(line));
  return { code: code ?? 1, failed, why: shown.length > 0 ? shown : [...others, err] };
};

const began = Date.now();
const { all, unbuilt } = await plan();
const progress = progressOf(unbuilt.size);
if (unbuilt.size > 0) progress.show(0);
const { code, failed = [], why = [] } = await build(unbuilt, progress);
progress.end();
if (code === 0) {
  const seconds = Math.round((Date.now() - began) / 1000);
  print(unbuilt.size === 0 ? `${packages(all)} are built already` : `Built ${packages(unbuilt.size)} in ${seconds} s`);
} else {
  process.stderr.write(`${why.join('\n')}\nThe build failed${failed.length > 0 ? `: ${failed.join(', ')}` : ''}\n`);
  process.exitCode = code;
}
