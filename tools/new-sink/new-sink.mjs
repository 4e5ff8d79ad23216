/**
 * Makes a sink that works and is tested: `npm run new:sink -- loki`. Everything it writes is the project's own from then
 * on; what a person still has to write is the sink's `write` and the target of its conformance test.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const HELP = `npm run new:sink -- NAME

Makes apps/sink-NAME: configuration, sink, module, conformance test and a page of documentation, and puts it where the
other sinks are: docker-compose.yml (docker compose --profile sink-NAME up), .env.example, the Helm chart (switched off,
scaled by lag with KEDA), Prometheus, whose dashboard has a row for every sink, and a compose file for it alone. NAME has
small letters, digits and "-".
`;
const root = fileURLToPath(new URL('../../', import.meta.url));
const templates = fileURLToPath(new URL('./templates/', import.meta.url));

const fail = (message) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const [name, ...more] = process.argv.slice(2);
if (name === '--help' || name === '-h') {
  process.stdout.write(HELP);
  process.exit(0);
}
if (name === undefined || more.length > 0 || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 40) {
  fail(`${name === undefined ? 'there is no name' : `"${[name, ...more].join(' ')}" is no name`}\n\n${HELP}`);
}
const app = join(root, 'apps', `sink-${name}`);
if (existsSync(app)) fail(`apps/sink-${name} is there already`);

const read = (path) => readFileSync(join(root, path), 'utf8');
const write = (path, text) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  process.stdout.write(`wrote ${path}\n`);
};

/** The port after the highest of the sinks. */
const portOfNext = () => {
  const taken = readdirSync(join(root, 'apps'))
    .filter((one) => one.startsWith('sink-'))
    .map((one) => join('apps', one, 'src', `${one}-config.ts`))
    .filter((path) => existsSync(join(root, path)))
    .map((path) => Number(/override PORT: number = (\d+)/.exec(read(path))?.[1] ?? 0));
  const next = Math.max(...taken) + 1;
  return next === 8090 ? 8091 : next; // The console's.
};

/** Versions of what every sink depends on, as the sinks that are there have them. */
const { dependencies } = JSON.parse(read('apps/sink-postgres/package.json'));
const words = {
  name,
  Name: name.replace(/(^|-)([a-z0-9])/g, (_, __, letter) => letter.toUpperCase()),
  NAME: name.replaceAll('-', '_').toUpperCase(),
  port: String(portOfNext()),
  nest: dependencies['@nestjs/common'],
  microservices: dependencies['@nestjs/microservices'],
};
const filled = (text) =>
  text.replace(
    /\{\{([\w-]+)\}\}/g,
    (_, word) => words[word] ?? dependencies[word] ?? fail(`the template asks for ${word}`),
  );

const filesOf = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesOf(path) : [path];
  });

/** Files that list the sinks, each with the line in front of which the new one goes: the console's, as for the others. */
const lists = [
  { path: 'docker-compose.yml', line: '  console:\n', file: 'compose.yml.txt' },
  { path: 'deploy/redis/users.compose.yml', line: '  console:\n', file: 'users.yml.txt' },
  { path: 'deploy/helm/millrace/values.yaml', line: '  console:\n', file: 'values.yml.txt' },
  { path: 'deploy/prometheus/prometheus.yml', line: '      - { names: [console],', file: 'target.yml.txt' },
  { path: '.env.example', line: '# console\n', file: 'env.txt' },
  { path: 'docs/alone.md', line: '## console\n', file: 'alone.md.txt' },
  { path: 'docs/folders.md', line: 'apps/sink-redis-pubsub/src/ ', file: 'folders.txt' },
];
for (const { path, line } of lists) {
  if (!read(path).includes(`\n${line}`)) fail(`${path} has no line "${line.trim()}" to put the sink in front of`);
}

for (const path of filesOf(join(templates, 'app'))) {
  const to = filled(relative(join(templates, 'app'), path)).replace(/\.txt$/, '');
  write(`apps/sink-${name}/${to}`, filled(readFileSync(path, 'utf8')));
}
const template = (file) => filled(readFileSync(join(templates, file), 'utf8'));
write(`docs/sinks/${name}.md`, template('docs.md.txt'));
write(`deploy/alone/sink-${name}.compose.yml`, template('alone.yml.txt'));
for (const { path, line, file } of lists) {
  write(
    path,
    read(path).replace(`\n${line}`, () => `\n${template(file)}${line}`),
  );
}

// What `npm install` would write, without asking a registry: nothing in it is new.
const manifest = JSON.parse(read(`apps/sink-${name}/package.json`));
const lock = JSON.parse(read('package-lock.json'));
const { name: packageName, version, license, dependencies: needs, devDependencies } = manifest;
lock.packages[`apps/sink-${name}`] = { name: packageName, version, license, dependencies: needs, devDependencies };
lock.packages[`node_modules/${packageName}`] = { resolved: `apps/sink-${name}`, link: true };
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
write('package-lock.json', `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
const link = join(root, 'node_modules', packageName);
if (existsSync(dirname(link)) && !existsSync(link)) symlinkSync(`../../apps/sink-${name}`, link);

process.stdout.write(`
apps/sink-${name} listens on ${words.port}. Next:
  npm test -- apps/sink-${name}        it passes as it is
  apps/sink-${name}/src/${name}-sink.ts   write what it is to do
`);
