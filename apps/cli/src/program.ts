import { type Argument, Command, CommanderError, type OptionValues } from 'commander';
import { ApiError } from './api/api.js';
import type { CliIo } from './cli-io.js';
import { addAudit } from './commands/audit.js';
import { examplesOf, type Group, type Run, withExamples } from './commands/command.js';
import { addCompletion } from './commands/completion.js';
import { addDlq } from './commands/dlq.js';
import { addDoctor } from './commands/doctor.js';
import { addKeys } from './commands/keys.js';
import { addLag } from './commands/lag.js';
import { addLogLevel } from './commands/log-level.js';
import { addPartitions } from './commands/partitions.js';
import { addProfile } from './commands/profile.js';
import { addPublish } from './commands/publish.js';
import { addRecord } from './commands/record.js';
import { addReplay } from './commands/replay.js';
import { addRoutes } from './commands/routes.js';
import { addSchemas } from './commands/schemas.js';
import { addSinks } from './commands/sinks.js';
import { addTap } from './commands/tap.js';
import { addTop } from './commands/top.js';
import { addTopics } from './commands/topics.js';
import { addTrace } from './commands/trace.js';
import { addWebhooks } from './commands/webhooks.js';
import { Context } from './context.js';
import { EXIT, Failure, Interrupted, UsageError } from './errors.js';
import { linesOf } from './output/text.js';
import { VERSION } from './version.js';

const GROUPS: readonly (readonly [heading: string, groups: readonly Group[]])[] = [
  ['Monitoring:', [addDoctor, addTop, addLag, addTrace, addRecord, addLogLevel, addAudit]],
  ['Events:', [addTopics, addTap, addPublish, addDlq, addReplay]],
  ['Commands:', [addRoutes, addSchemas, addSinks, addWebhooks, addKeys, addPartitions]],
  ['This program:', [addProfile, addCompletion]],
];

const GLOBAL = 'Global options:';

const EXIT_CODES = `
Exit codes:
  0    done
  1    what was asked for is not so, or was refused: an invalid file, a rejected event, too much lag
  2    the command line is not right
  3    the console does not answer, or its Redis is away
  130  ended by Ctrl-C`;

/** What every command has: options that can stand after any of its words, and help with examples. */
const withGlobals = (command: Command): void => {
  for (const one of command.commands) withGlobals(one);
  if (examplesOf(command).length === 0) {
    withExamples(command, ...command.commands.flatMap((one) => examplesOf(one).slice(0, 1)));
  }
  command
    .helpCommand(false)
    .configureHelp({ subcommandTerm: termOf })
    .optionsGroup(GLOBAL)
    .option('--url <url>', 'the console (MILLRACE_URL; http://127.0.0.1:8090)')
    .option('--key <key>', 'an API key; prefer MILLRACE_API_KEY or a profile, which other users cannot see')
    .option('--profile <name>', 'url and key of a profile (MILLRACE_PROFILE)')
    .option('--json', 'print the response as JSON')
    .helpOption('-h, --help', 'show help with examples')
    .enablePositionalOptions();
};

/** The options of a command without those of every command: what it sends on is not to hold the key. */
const ownOf = ({ url: _url, key: _key, profile: _profile, json: _json, ...own }: OptionValues): OptionValues => own;

/** A command and its arguments in a list; that it has options goes without saying. */
const termOf = (command: Command): string => [command.name(), ...command.registeredArguments.map(argumentOf)].join(' ');

const argumentOf = (argument: Argument): string =>
  argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;

export const programOf = (io: CliIo): Command => {
  const program = new Command('millrace')
    .description('Millrace from the command line, over the admin API of its console')
    .version(VERSION, '-V, --version', 'its version')
    .showHelpAfterError('(millrace --help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => write(io.output, text),
      writeErr: (text) => write(io.errors, text),
      getOutHelpWidth: () => io.output.size().columns,
      getErrHelpWidth: () => io.errors.size().columns,
    });
  // Commander calls an action with its arguments, its options and the command.
  const run: Run =
    (action) =>
    async (...args): Promise<void> => {
      const [options, command] = args.slice(-2) as [OptionValues, Command];
      await action(Context.of(command, io), ...([...args.slice(0, -2), ownOf(options)] as never[]));
    };
  for (const [heading, groups] of GROUPS) {
    program.commandsGroup(heading);
    for (const add of groups) add(program, run);
  }
  withExamples(
    program,
    'millrace doctor',
    "millrace tap orders --type 'order.*'",
    'millrace trace /shop/1 order-4711',
    'millrace dlq redrive --group sink-postgres --dry-run',
    'millrace lag --over 1000 || echo "a group is behind"',
  );
  withGlobals(program);
  program.addHelpText('after', EXIT_CODES);
  return program;
};

/** Commander's texts hold what was typed, which may be a name that somebody else chose. */
const write = (writer: CliIo['output'], text: string): void =>
  writer.write(
    linesOf(text.trimEnd())
      .map((one) => `${one.shown(false)}\n`)
      .join(''),
  );

/** Runs a command line and gives its exit code. */
export const runProgram = async (args: readonly string[], io: CliIo): Promise<number> => {
  try {
    await programOf(io).parseAsync([...args], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const code = codeOf(error);
    if (code === undefined) return faultOf(error as Error, io);
    write(io.errors, (error as Error).message);
    return code;
  }
};

/** Nobody foresaw it: what answers is of another shape than a console's, or we are wrong. */
const faultOf = (error: Error, { errors, variable }: CliIo): number => {
  const more = variable('MILLRACE_DEBUG') === undefined ? 'MILLRACE_DEBUG=1 shows where' : error.stack;
  write(errors, `unexpected response (a console of another version?) or a bug in millrace: ${error.message} (${more})`);
  return EXIT.failed;
};

/** Undefined for what is a fault of ours. */
const codeOf = (error: unknown): number | undefined => {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof Failure) return EXIT.failed;
  if (error instanceof Interrupted) return EXIT.interrupted;
  if (error instanceof ApiError) return error.status === 0 || error.status === 503 ? EXIT.unavailable : EXIT.failed;
};
