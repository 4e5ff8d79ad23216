/**
 * Makes the next version of what lies in `.changeset`: writes its section of CHANGELOG.md, and sets the version of every
 * package, of what they ask of each other, of the lock file and of the Helm chart. What it did is for you to look at and to
 * commit as `release: X.Y.Z`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import getReleasePlan from '@changesets/get-release-plan';
import { sectionOf, withSection } from './changelog.mjs';

const HELP = `npm run release:version

Makes the next version of the changes in .changeset, and removes them there: CHANGELOG.md, every package.json, the lock file
and the Helm chart. Commit what it changed as "release: X.Y.Z", tag that commit vX.Y.Z, then npm run release:publish.
`;

const root = fileURLToPath(new URL('../../', import.meta.url));
const path = (file) => `${root}${file}`;
const read = (file) => readFileSync(path(file), 'utf8');
const readJson = (file) => JSON.parse(read(file));
const writeJson = (file, content) => writeFileSync(path(file), `${JSON.stringify(content, null, 2)}\n`);
const run = (program, ...args) => execFileSync(program, args, { cwd: root, encoding: 'utf8' }).trim();
const fail = (why) => {
  process.stderr.write(`release:version: ${why}\n`);
  process.exit(1);
};

/** Replaces what has to be there once. */
const replaceOnce = (file, pattern, by) => {
  const text = read(file);
  if ((text.match(new RegExp(pattern.source, `${pattern.flags}g`)) ?? []).length !== 1)
    fail(`${file}: ${pattern} is not there once`);
  writeFileSync(path(file), text.replace(pattern, by));
};

const commitOf = (rev) => {
  try {
    return run('git', 'rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`);
  } catch {
    return undefined;
  }
};

/** What a workspace's package.json says, in the lock file: npm itself would resolve everything anew. */
const setLock = (version) => {
  const lock = readJson('package-lock.json');
  lock.version = version;
  for (const [folder, entry] of Object.entries(lock.packages)) {
    if (folder.includes('node_modules')) continue;
    const manifest = folder === '' ? readJson('package.json') : readJson(`${folder}/package.json`);
    for (const field of ['version', 'dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']) {
      if (entry[field] !== undefined && manifest[field] !== undefined) entry[field] = manifest[field];
    }
  }
  writeJson('package-lock.json', lock);
};

if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
  process.stdout.write(HELP);
  process.exit(0);
}

const { changesets, releases } = await getReleasePlan(root);
const next = releases.find(({ type }) => type !== 'none')?.newVersion;
if (changesets.length === 0 || next === undefined)
  fail('there is nothing in .changeset; npx changeset writes down a change');
const { version: last } = readJson('package.json');

run('npx', 'changeset', 'version');
writeFileSync(
  path('CHANGELOG.md'),
  withSection(read('CHANGELOG.md'), sectionOf(next, new Date().toISOString().slice(0, 10), changesets)),
);
// Neither is a workspace.
for (const file of ['tools/new-sink/templates/app/package.json.txt', 'examples/sink-outside/package.json']) {
  writeFileSync(path(file), read(file).replaceAll(`": "${last}"`, `": "${next}"`));
}
replaceOnce('package.json', /^ {2}"version": ".*"/m, `  "version": "${next}"`);
replaceOnce('deploy/helm/millrace/Chart.yaml', /^version: .*/m, `version: ${next}`);
replaceOnce('deploy/helm/millrace/Chart.yaml', /^appVersion: .*/m, `appVersion: ${next}`);
setLock(next);
run('npx', 'biome', 'format', '--write', '.'); // Of what changesets wrote in its own way.
const released = commitOf(`v${last}`);
if (released !== undefined) writeFileSync(path('tools/upgrade-check/previous-release'), `${released}\n`);
process.stdout.write(`${last} → ${next}: look at CHANGELOG.md and docs/upgrading.md, then commit "release: ${next}"\n`);
