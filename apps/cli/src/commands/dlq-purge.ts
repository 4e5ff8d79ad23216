import type { Purged, PurgePreview } from '@millrace/admin-api';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { Failure } from '../errors.js';
import { confirm } from '../input/confirm.js';
import { type Run, withExamples } from './command.js';
import { filterOf, type ManyOptions, withFilter } from './dlq-filter.js';

export const addPurge = (dlq: Command, run: Run): void => {
  const command = dlq
    .command('purge')
    .description('delete dead letters permanently, after confirmation')
    .option('--all', 'all dead letters')
    .option('--dry-run', 'preview: count the matches and do nothing')
    .option('--yes', 'skip the confirmation');
  withFilter(command).action(run(purge));
  withExamples(
    command,
    'millrace dlq purge --group sink-postgres --error RangeError --dry-run',
    'millrace dlq purge --to 7d --yes',
  );
};

const purge = async (context: Context, options: ManyOptions): Promise<void> => {
  const filter = filterOf(options);
  if (options.dryRun === true || options.yes !== true) {
    const answer = await context.api.post<PurgePreview>('dead-letters/purge', { filter, dryRun: true });
    if (options.dryRun === true) return context.print(answer, () => `${answer.matched} dead letters match`);
    if (answer.matched === 0) throw new Failure('no dead letter matches; nothing was deleted');
    await confirm(context, `Delete ${answer.matched} dead letters permanently?`);
  }
  const answer = await context.api.post<Purged>('dead-letters/purge', { filter });
  const { purged } = answer;
  context.print(answer, () =>
    purged === 0 ? 'no dead letter matches; nothing was deleted' : `${purged} dead letters are deleted`,
  );
};
