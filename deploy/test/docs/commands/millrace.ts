import type { Command } from 'commander';
import type { CliIo as CliSurroundings } from '../../../../apps/cli/src/cli-io.js';
import { programOf } from '../../../../apps/cli/src/program.js';

/** Replaces what commands do by nothing; arguments and options are parsed all the same. */
const disarm = (command: Command): void => {
  for (const one of command.commands) {
    one.action(() => undefined);
    disarm(one);
  }
};

/** What a text that only names a command leaves out. */
const LEFT_OUT = /^commander\.(missingArgument|missingMandatoryOptionValue|help)$/;

/** Parses a command line as the program does. Throws what it would say; of one that is only named, not what is left out. */
export const checkMillrace = (args: readonly string[], { isNamed = false } = {}): void => {
  let said = '';
  const writer = {
    write: (text: string) => {
      said += text;
    },
    isTerminal: false,
    isColoured: false,
    size: () => ({ columns: 80, rows: 24 }),
  };
  const program = programOf({ output: writer, errors: writer } as unknown as CliSurroundings);
  disarm(program);
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    const { exitCode, code = '' } = error as { readonly exitCode?: number; readonly code?: string };
    if (exitCode !== 0 && !(isNamed && LEFT_OUT.test(code))) throw new Error(said || (error as Error).message);
  }
};
