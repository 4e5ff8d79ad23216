import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const NOT_COPIED = new Set(['node_modules', '.git', 'dist', '.turbo', '.millrace', 'docs', 'test']);

let work: string;

const read = (file: string): string => readFileSync(join(work, file), 'utf8');
const versionOf = (file: string): string => (JSON.parse(read(file)) as { version: string }).version;
const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { cwd: work, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const changeset = (name: string, kind: string, summary: string): void =>
  writeFileSync(join(work, `.changeset/${name}.md`), `---\n"@millrace/host": ${kind}\n---\n\n${summary}\n`);

/** The next version of this one: `0.1.7` becomes `0.2.0`. */
const nextMinor = (version: string): string => {
  const [major, minor] = version.split('.');
  return `${major}.${Number(minor) + 1}.0`;
};

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'millrace-release-'));
  cpSync(root, work, {
    recursive: true,
    filter: (file) => file === root || !NOT_COPIED.has(basename(file)),
  });
  symlinkSync(join(root, 'node_modules'), join(work, 'node_modules'));
  for (const file of readdirSync(join(work, '.changeset'))) {
    if (file.endsWith('.md') && file !== 'README.md') rmSync(join(work, '.changeset', file));
  }
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('release:version', () => {
  it('makes one version of everything, and a section of the changelog', () => {
    const before = versionOf('package.json');
    changeset('one', 'minor', 'A new thing.\nIt has two lines.');
    changeset('two', 'patch', 'A mended thing.');
    run('git', 'init', '--quiet', '--initial-branch=main');
    const next = nextMinor(before);

    expect(run('node', 'tools/release/version.mjs')).toContain(`${before} → ${next}`);

    for (const file of [
      'package.json',
      'packages/host/package.json',
      'packages/sink/package.json',
      'apps/cli/package.json',
    ]) {
      expect(versionOf(file)).toBe(next);
    }
    expect(read('packages/sink/package.json')).toContain(`"@millrace/host": "${next}"`);
    expect(read('deploy/helm/millrace/Chart.yaml')).toContain(`\nversion: ${next}\nappVersion: ${next}\n`);
    expect(read('tools/new-sink/templates/app/package.json.txt')).toContain(`"@millrace/host": "${next}"`);
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { version: string }> };
    expect(lock.packages['packages/host']?.version).toBe(next);
    const [, newest] = read('CHANGELOG.md').split('\n## ');
    expect(newest).toContain(`${next} (`);
    expect(newest).toContain('### New\n\n- A new thing.\n  It has two lines.\n');
    expect(newest).toContain('### Mended\n\n- A mended thing.\n');
    expect(read('CHANGELOG.md')).toContain(`\n## ${before} (`);
  }, 120_000);

  it('says so where there is nothing to release', () => {
    expect(() => run('node', 'tools/release/version.mjs')).toThrow(/there is nothing in \.changeset; npx changeset/);
  });
});
