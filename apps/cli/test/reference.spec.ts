import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { CliIo, Writer } from '../src/cli-io.js';
import { programOf } from '../src/program.js';
import { withReference } from '../src/reference.js';

const nothing: Writer = {
  write: () => undefined,
  isTerminal: false,
  isColoured: false,
  size: () => ({ columns: 80, rows: 24 }),
};
const nowhere: CliIo = {
  output: nothing,
  errors: nothing,
  variable: () => undefined,
  input: async function* () {},
  onInterrupt: () => () => undefined,
};

const program = programOf(nowhere);
const commandsOf = (command: Command, path: string): [path: string, command: Command][] => [
  [path, command],
  ...command.commands.flatMap((one) => commandsOf(one, `${path} ${one.name()}`)),
];
const helpOf = (command: Command): string => {
  let text = '';
  command.configureOutput({ writeOut: (some) => (text += some) }).outputHelp();
  return text;
};

describe('every command', () => {
  it('is in docs/cli.md as it is; npm run docs -w apps/cli writes it', () => {
    const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
    expect(page).toBe(withReference(page, program));
  });

  it.each(commandsOf(program, 'millrace'))('%s has examples that name it', (path, command) => {
    const [, examples = ''] = helpOf(command).split('\nExamples:\n');
    expect(examples).toContain(path);
    expect(command.description()).not.toBe('');
  });

  it.each(commandsOf(program, 'millrace'))('%s takes the address, the key, a profile and --json', (_, command) => {
    expect(command.options.map(({ long }) => long)).toEqual(
      expect.arrayContaining(['--url', '--key', '--profile', '--json']),
    );
  });
});
