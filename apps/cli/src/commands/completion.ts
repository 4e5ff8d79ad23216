import { Argument } from 'commander';
import { bashCompletion } from '../completion/bash.js';
import { fishCompletion } from '../completion/fish.js';
import { commandPointsOf } from '../completion/words.js';
import { zshCompletion } from '../completion/zsh.js';
import type { Context } from '../context.js';
import { type Group, withExamples } from './command.js';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

export const addCompletion: Group = (program, run) => {
  const completion = async (context: Context, shell: keyof typeof SHELLS): Promise<void> => {
    const script = SHELLS[shell](commandPointsOf(program));
    context.print({ shell, script }, () => script.trimEnd());
  };
  const command = program
    .command('completion')
    .description('commands and options as a shell completes them')
    .addArgument(new Argument('<shell>').choices(Object.keys(SHELLS)))
    .action(run(completion));
  withExamples(
    command,
    'source <(millrace completion bash)',
    'millrace completion zsh > ~/.zsh/completions/_millrace',
    'millrace completion fish > ~/.config/fish/completions/millrace.fish',
  );
};
