/**
 * Writes docs/licences.md: every package of others that the images and the command line hold, with its licence, out of the lock
 * file. With `--check` it writes nothing, and fails where the page is not as it would be written, or where a licence is not
 * among those that are taken.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TAKEN = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Python-2.0',
  'Unlicense',
  'CC0-1.0',
  'OFL-1.1', // Fonts, unchanged.
]);

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = `${root}docs/licences.md`;
const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'));

/** Where a package finds another one, as Node looks for it. */
const resolve = (from, name) => {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    const entry = packages[path];
    if (entry !== undefined) return entry.link ? entry.resolved : path;
    if (folder === '') return undefined; // Optional, and not for any platform.
  }
};

const reached = new Set();
const visit = (path) => {
  if (reached.has(path)) return;
  reached.add(path);
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = packages[path];
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta?.[name]?.optional !== true);
  for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) {
    const next = resolve(path, name);
    if (next !== undefined) visit(next);
  }
};
for (const app of readdirSync(`${root}apps`)) visit(`apps/${app}`);
// Built into the console's page, and so no dependency when it runs.
for (const name of ['react', 'react-dom', 'uplot', '@fontsource-variable/inter', '@fontsource/jetbrains-mono']) {
  visit(resolve('apps/console', name));
}

// Bundled into the command line, likewise.
for (const name of ['commander', 'eventsource-parser', 'yaml']) visit(resolve('apps/cli', name));

const found = [...reached]
  .filter((path) => path.includes('node_modules/'))
  .map((path) => ({
    name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
    version: packages[path].version,
    licence: packages[path].license ?? 'none',
  }))
  .sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version, 'en', { numeric: true }));
const unique = found.filter(({ name, version }, n) => name !== found[n - 1]?.name || version !== found[n - 1]?.version);

const refused = unique.filter(
  ({ licence }) =>
    !licence
      .replace(/[()]/g, '')
      .split(' OR ')
      .some((one) => TAKEN.has(one)),
);
if (refused.length > 0) {
  const list = refused.map(({ name, version, licence }) => `${name} ${version} (${licence})`).join(', ');
  process.stderr.write(`licences: ${list}: taken are ${[...TAKEN].join(', ')}\n`);
  process.exit(1);
}

const counts = new Map();
for (const { licence } of unique) counts.set(licence, (counts.get(licence) ?? 0) + 1);
const summary = [...counts].sort(([, a], [, b]) => b - a).map(([licence, count]) => `${licence} ${count}`);
const text = `# Licences

Millrace is under the [Apache License 2.0](../LICENSE). Its images and its command line hold these packages of others:
${summary.join(', ')}.

\`node tools/dependencies/licences.mjs\` writes this page out of the lock file, and \`npm run check\` fails where it is old, or
where a licence is one that an Apache project does not take.

| package | version | licence |
| ------- | ------- | ------- |
${unique.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`).join('\n')}
`;

if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8') !== text) {
  process.stderr.write('licences: docs/licences.md is old; node tools/dependencies/licences.mjs writes it\n');
  process.exit(1);
}
