import type { ChangedLogLevel, LogLevelList } from '@millrace/admin-api';
import { Argument } from 'commander';
import { wholeOf } from '../api/pages.js';
import type { Context } from '../context.js';
import { UsageError } from '../errors.js';
import { whole } from '../input/options.js';
import { timeOf } from '../input/times.js';
import { type Group, withExamples } from './command.js';

/** Gives a service its own back. */
const OWN = 'default';
const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent', OWN];

export const addLogLevel: Group = (program, run) => {
  const command = program
    .command('log-level')
    .description('show or override the log level of services; takes effect within a second')
    .argument('[service]', 'a service such as sink-postgres, or all; without it, lists the overrides')
    .addArgument(new Argument('[level]', `the level; ${OWN} restores LOG_LEVEL`).choices(LEVELS))
    .option('--seconds <n>', 'for this many seconds; without it, until changed', whole)
    .action(run(logLevel));
  withExamples(
    command,
    'millrace log-level sink-postgres debug --seconds 600',
    'millrace log-level',
    'millrace log-level sink-postgres default',
  );
};

const logLevel = async (
  context: Context,
  service: string | undefined,
  level: string | undefined,
  options: { seconds?: number },
): Promise<void> => {
  if (options.seconds !== undefined && (level === undefined || level === OWN)) {
    throw new UsageError('--seconds is for a level that is set: for how long');
  }
  if (service === undefined || level === undefined) return show(context, service);
  const path = `logs/level/${encodeURIComponent(service)}`;
  const now =
    level === OWN
      ? await context.api.delete<ChangedLogLevel>(path)
      : await context.api.put<ChangedLogLevel>(path, { level, ...options });
  for (const warning of now.warnings) context.note(`warning: ${warning}`);
  context.print(now, () => `${service} logs at ${sentenceOf(now)}`);
};

const show = async (context: Context, service: string | undefined): Promise<void> => {
  const { levels } = await wholeOf<LogLevelList>(context, 'logs/level');
  const shown = levels.filter((one) => service === undefined || one.service === service);
  context.print({ levels: shown }, () =>
    shown.length === 0
      ? 'every service logs at its own level, LOG_LEVEL'
      : shown.map((one) => `${one.service}: ${sentenceOf(one)}`).join('\n'),
  );
};

const sentenceOf = ({ level, until }: Pick<ChangedLogLevel, 'level' | 'until'>): string =>
  `${level ?? 'its own level'}${until === null ? '' : `, until ${timeOf(until)}`}`;
