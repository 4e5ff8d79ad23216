import { Command, CommanderError } from 'commander';
import { ApiError } from './api.js';
import { addRoutes } from './commands/routes.js';
import { addSchemas } from './commands/schemas.js';
import { Context, type Surroundings, UsageError } from './context.js';

/** Exit codes, for scripts. */
export const EXIT = {
  done: 0,
  /** What was asked for is not so: a file is not valid, the API refused. */
  failed: 1,
  /** The command line is not right. */
  usage: 2,
  /** The console does not answer. */
  unavailable: 3,
} as const;

/** The whole command line. */
export const programOf = (surroundings: Surroundings): Command => {
  const program = new Command('millrace')
    .description('Millrace over its admin API: routes and schemas')
    .option('--url <url>', 'the console (MILLRACE_URL; http://127.0.0.1:8090)')
    .option('--key <key>', 'an API key (MILLRACE_API_KEY)')
    .option('--profile <name>', 'url and key of millrace.json in ~/.config (MILLRACE_PROFILE)')
    .option('--json', 'answers as JSON')
    .showHelpAfterError('(millrace --help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => surroundings.output.out(text.trimEnd()),
      writeErr: (text) => surroundings.output.error(text.trimEnd()),
    });
  // Commander calls an action with its arguments, its options and the command.
  const run =
    (action: (context: Context, ...args: never[]) => Promise<void>) =>
    async (...args: unknown[]): Promise<void> => {
      const command = args.at(-1) as Command;
      await action(await Context.of(command, surroundings), ...(args.slice(0, -1) as never[]));
    };
  addRoutes(program, run);
  addSchemas(program, run);
  return program;
};

/** Runs a command line and gives its exit code. */
export const runProgram = async (args: readonly string[], surroundings: Surroundings): Promise<number> => {
  const { error: tell } = surroundings.output;
  try {
    await programOf(surroundings).parseAsync([...args], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (error instanceof UsageError) {
      tell(error.message);
      return EXIT.failed;
    }
    if (error instanceof ApiError) {
      tell(error.message);
      return error.status === 0 || error.status === 503 ? EXIT.unavailable : EXIT.failed;
    }
    throw error;
  }
};
