/**
 * Publishes the version in package.json: the packages to npm, and the images to a registry. Each step that was done already
 * is skipped by npm and by Docker, so after a failure it is run again.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';

const HELP = `npm run release:publish [-- options]

Publishes the commit that is tagged with the version in package.json: packages/* and apps/cli to npm, and an image of each
other app, as REPOSITORY/APP:VERSION.

  --repository R   where images go; default millrace
  --images-only    no packages
  --build-only     builds the images, publishes nothing
  --help           this text

It needs to be logged in to npm (npm whoami) and to the registry (docker login).
`;

const root = fileURLToPath(new URL('../../', import.meta.url));
const fail = (why) => {
  process.stderr.write(`release:publish: ${why}\n`);
  process.exit(1);
};
const run = (program, ...args) => {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) fail(`${program} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}`);
};
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
const readJson = (file) => JSON.parse(readFileSync(`${root}${file}`, 'utf8'));

const optionsOf = () => {
  try {
    return parseArgs({
      options: {
        repository: { type: 'string', default: 'millrace' },
        'images-only': { type: 'boolean', default: false },
        'build-only': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    return fail(`${error.message} (npm run release:publish -- --help)`);
  }
};

const { repository, help, 'images-only': imagesOnly, 'build-only': buildOnly } = optionsOf();
if (help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const { version } = readJson('package.json');
const tags = git('tag', '--points-at', 'HEAD').split('\n');
if (!buildOnly && !tags.includes(`v${version}`))
  fail(`HEAD is not tagged v${version}; tag the commit of the release first`);
if (git('status', '--porcelain') !== '') fail('there are changes that are not committed');

if (!imagesOnly && !buildOnly) run('npx', 'changeset', 'publish', '--no-git-tag');
/** What each image is built of, from the compose file: the service's own port is among it. */
const builds = new Map(
  Object.values(parse(readFileSync(`${root}docker-compose.yml`, 'utf8'), { merge: true }).services)
    .filter(({ build }) => build !== undefined)
    .map(({ build }) => [build.args.APP, build.args]),
);
for (const [app, args] of builds) {
  const image = `${repository}/${app}:${version}`;
  const labels = { version, revision: git('rev-parse', 'HEAD'), licenses: 'Apache-2.0', title: `millrace ${app}` };
  run(
    'docker',
    'build',
    ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...Object.entries(labels).flatMap(([name, value]) => ['--label', `org.opencontainers.image.${name}=${value}`]),
    ...['--tag', image, '.'],
  );
  if (!buildOnly) run('docker', 'push', image);
}
