import type { DeadLetterFilter } from '@millrace/admin-api';
import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import { withRange } from '../input/options.js';

export const withFilter = (command: Command): Command =>
  withRange(
    command
      .option('--hop <name>', 'only this service, such as sink-postgres')
      .option('--group <name>', 'only this consumer group')
      .option('--error <class>', 'only this error class')
      .option('--stream <name>', 'only events from this stream, such as topic:orders')
      .option('--type <type>', 'only events of this type')
      .option('--text <text>', 'only events that contain this text'),
    'dead letter',
  );

const MEMBERS = ['hop', 'group', 'error', 'stream', 'type', 'text', 'from', 'to'] as const;

/** The options of a command that changes all that match. */
export interface ManyOptions extends DeadLetterFilter {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** The first option that says which dead letters are meant, for where one is named already. */
export const strayOf = (options: ManyOptions): string | undefined =>
  (['all', ...MEMBERS] as const).find((name) => options[name] !== undefined);

/** The filter among the options of a command that changes something: without one, `--all` has to say so. */
export const filterOf = (options: ManyOptions): DeadLetterFilter => {
  const filter = Object.fromEntries(
    MEMBERS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
  const isEmpty = Object.keys(filter).length === 0;
  if (isEmpty && options.all !== true) throw new UsageError('which dead letters? Give a filter, as --group, or --all');
  if (!isEmpty && options.all === true) throw new UsageError('--all cannot be combined with a filter');
  return filter;
};
