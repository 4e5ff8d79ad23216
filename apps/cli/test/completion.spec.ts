import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programOnPath } from '@millrace/testkit';
import { PROGRAM } from './running-cli.js';

const scriptFor = (shell: string): string =>
  spawnSync(process.execPath, [PROGRAM, 'completion', shell], { encoding: 'utf8' }).stdout;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the shell is offered at the end of a line. */
const bashOffers = (line: string): string[] => {
  const file = join(folder, 'millrace.bash');
  writeFileSync(file, scriptFor('bash'));
  const words = line.split(' ').map((word) => `'${word}'`);
  const ask = `source ${file}; COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _millrace; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', ask], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
};

const onPath = (shell: string) => (programOnPath(shell) === undefined ? it.skip : it);

describe('completion', () => {
  onPath('bash').each([
    ['millrace d', ['doctor', 'dlq']],
    ['millrace dlq ', ['ls', 'groups', 'show', 'redrive', 'purge']],
    ['millrace --url http://x --json dlq r', ['redrive']],
    ['millrace --profile routes dlq r', ['redrive']],
    ['millrace dlq redrive --e', ['--edit', '--event', '--error']],
    ['millrace publish --format ', ['ndjson', 'json']],
    ['millrace publish --type ', []],
    ['millrace completion ', ['bash', 'zsh', 'fish']],
    ['millrace routes rollback --', ['--url', '--key', '--profile', '--json', '--help']],
    ['millrace nonsense', []],
  ])('of bash after "%s" is %j (needs bash)', (line, offers) => {
    expect(bashOffers(line).sort()).toEqual([...offers].sort());
  });

  onPath('zsh')('of zsh offers commands (needs zsh)', () => {
    const file = join(folder, '_millrace');
    writeFileSync(file, scriptFor('zsh'));
    // Without its editor zsh completes nothing; what it would be offered is asked of the function itself.
    const ask = [
      `compdef() {}; _describe() { shift $(( $# - 1 )); print -rl -- $\{(P)1} }; _files() { print files }`,
      `source ${file}; words=(millrace --profile routes dlq re); CURRENT=5; _millrace`,
    ].join('; ');
    const { status, stdout, stderr } = spawnSync('zsh', ['-fc', ask], { encoding: 'utf8' });
    expect(stdout).toMatch(/^redrive:redrive dead letters/m);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  onPath('fish')('of fish offers commands and options (needs fish)', () => {
    const file = join(folder, 'millrace.fish');
    writeFileSync(file, scriptFor('fish'));
    const { stdout } = spawnSync('fish', ['-Nc', `source ${file}; complete -C 'millrace dlq r'`], { encoding: 'utf8' });
    expect(stdout).toMatch(/^redrive\t/m);
  });

  it('knows every command in every shell', () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const script = scriptFor(shell);
      for (const path of ['millrace dlq redrive', 'millrace replay start', 'millrace profile use']) {
        expect(script).toContain(path);
      }
    }
  });
});
