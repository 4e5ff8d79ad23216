import type { Partitions, RaisedPartitions } from '@millrace/admin-api';
import type { Context } from '../context.js';
import { positive, span } from '../input/options.js';
import { spanOf } from '../input/times.js';
import { type Group, withExamples } from './command.js';

const WAIT_MS = 60_000;

export const addPartitions: Group = (program, run) => {
  const partitions = program
    .command('partitions')
    .description('show the number of partitions, or raise it')
    .action(run(show));
  withExamples(partitions, 'millrace partitions');
  withExamples(
    partitions
      .command('raise')
      .description('raise the number of partitions; intake pauses until earlier events are routed')
      .argument('<count>', 'new number of partitions; it cannot decrease', positive)
      .option('--wait <time>', 'time limit, such as 90s or 2m; on timeout nothing changes', span, WAIT_MS)
      .action(run(raise)),
    'millrace partitions raise 4',
    'millrace partitions raise 8 --wait 2m',
  );
};

const show = async (context: Context): Promise<void> => {
  const answer = await context.api.get<Partitions>('partitions');
  const { count, raising } = answer;
  context.print(answer, () => (raising === null ? `${count}` : `${count}, being raised to ${raising.to}`));
};

const raise = async (context: Context, to: number, { wait: waitMs }: { wait: number }): Promise<void> => {
  const answer = await context.api.post<RaisedPartitions>('partitions/raise', { to, waitMs });
  context.print(answer, () =>
    answer.from === to
      ? `there are already ${to}`
      : `there are ${to} partitions now, ${answer.from} before; no events were accepted for ${spanOf(answer.closedMs)}`,
  );
};
