import type { SinkList } from '@millrace/admin-api';
import { wholeOf } from '../api/pages.js';
import type { Context } from '../context.js';
import { Failure } from '../errors.js';
import { whole } from '../input/options.js';
import { agoOf } from '../input/times.js';
import { paint } from '../output/text.js';
import { type Group, withExamples } from './command.js';

export const addLag: Group = (program, run) => {
  const command = program
    .command('lag')
    .description('backlog of each consumer group: events not read yet, and events in flight')
    .option('--group <name>', 'only this group')
    .option('--over <n>', 'exit with 1 if a group has a larger backlog', whole)
    .action(run(lag));
  withExamples(
    command,
    'millrace lag',
    'millrace lag --over 1000 || echo "a group is behind"',
    `millrace lag --group sink-postgres --json | jq '.groups[0].unsettled'`,
  );
};

const lag = async (context: Context, { group, over }: { group?: string; over?: number }): Promise<void> => {
  const { sinks } = await wholeOf<SinkList>(context, 'sinks');
  const groups = sinks
    .filter(({ name }) => group === undefined || name === group)
    .map(({ name, hop, lag: unread, pending, parked, oldestWaitingAt }) => ({
      group: name,
      hop,
      unsettled: unread + pending,
      lag: unread,
      pending,
      parked,
      oldestWaitingAt: oldestWaitingAt ?? null,
    }));
  if (group !== undefined && groups.length === 0) throw new Failure(`consumer group "${group}" not found`);
  const isOver = ({ unsettled }: { unsettled: number }): boolean => over !== undefined && unsettled > over;
  const rows = groups.map((one) => [
    isOver(one) ? paint('red', one.group) : one.group,
    ...[one.hop, one.unsettled, one.lag, one.pending, one.parked, agoOf(one.oldestWaitingAt)],
  ]);
  const header = ['group', 'service', 'backlog', 'unread', 'in flight', 'retries', 'oldest'];
  context.table({ groups }, header, rows, 'no consumer groups registered');
  const late = groups.filter(isOver).map((one) => `${one.group} has ${one.unsettled}`);
  if (late.length > 0) throw new Failure(`over ${over}: ${late.join(', ')}`);
};
