import type { DeadLetter, DeadLetterFilter, DeadLetterGroups } from '@millrace/admin-api';
import { parseJson } from '@millrace/json';
import { part } from '../api/api.js';
import { pagesOf } from '../api/pages.js';
import type { Context } from '../context.js';
import { withLimit } from '../input/options.js';
import { agoOf, timeOf } from '../input/times.js';
import { listOf, tableOf } from '../output/table.js';
import { jsonOf, type Line, linesOf, paint } from '../output/text.js';
import { type Group, withExamples } from './command.js';
import { withFilter } from './dlq-filter.js';
import { addPurge } from './dlq-purge.js';
import { addRedrive } from './dlq-redrive.js';

export const addDlq: Group = (program, run) => {
  const dlq = program.command('dlq').description('list, redrive and purge dead letters');

  const ls = dlq.command('ls').description('dead letters, newest first');
  withLimit(withFilter(ls)).action(run(list));
  withExamples(
    ls,
    'millrace dlq ls --group sink-postgres --limit 10',
    'millrace dlq ls --error RangeError --from 2h --text customer-7',
  );

  const groups = dlq.command('groups').description('count dead letters by group and error class');
  withFilter(groups).action(run(byError));
  withExamples(groups, 'millrace dlq groups', 'millrace dlq groups --from 1d --json | jq .total');

  withExamples(
    dlq
      .command('show')
      .description('show a dead letter: its error, its attempts and the event')
      .argument('<group>')
      .argument('<partition>')
      .argument('<id>', 'as shown by dlq ls')
      .action(run(show)),
    'millrace dlq show sink-postgres 0 1795230491115-0',
    'millrace dlq show sink-postgres 0 1795230491115-0 --json | jq -r .event',
  );

  addRedrive(dlq, run);
  addPurge(dlq, run);
};

const list = async (context: Context, { limit, ...filter }: DeadLetterFilter & { limit: number }): Promise<void> => {
  const { all, next } = await pagesOf<DeadLetter>(context, 'dead-letters', 'deadLetters', { ...filter }, limit);
  const rows = all.map((one) => [
    ...[timeOf(one.lastFailedAt), one.group, one.partition, one.id, one.stream],
    ...[one.type ?? '', one.attempts, paint('red', one.error), one.message],
  ]);
  const header = ['when', 'group', 'partition', 'id', 'from', 'type', 'attempts', 'error', 'message'];
  context.table({ deadLetters: all, next }, header, rows, 'no dead letters');
};

const byError = async (context: Context, filter: DeadLetterFilter): Promise<void> => {
  const answer = await context.api.get<DeadLetterGroups>('dead-letters/groups', { ...filter });
  const rows = answer.errors.map((one) => [
    ...[
      one.group,
      paint('red', one.error),
      one.isExact ? one.count : `at least ${one.count}`,
      agoOf(one.oldestAt),
      agoOf(one.newestAt),
    ],
    ...[one.streams.join(', '), one.message],
  ]);
  const header = ['group', 'error', 'dead', 'oldest', 'newest', 'from', 'newest message'];
  context.print(answer, () => [
    ...(rows.length === 0 ? ['no dead letters'] : tableOf(header, rows, context.columns)),
    ...(answer.errors.every(({ isExact }) => isExact)
      ? []
      : [`counted among the newest ${answer.looked} of ${answer.total}`]),
  ]);
};

const show = async (context: Context, group: string, partition: string, id: string): Promise<void> => {
  const letter = await context.api.get<DeadLetter>(`dead-letters/${part(group)}/${part(partition)}/${part(id)}`);
  const attempts = letter.history.map((one) => [timeOf(one.at), one.attempt, one.error]);
  context.print(letter, () => [
    ...listOf([
      ['dead letter', `${letter.group} ${letter.partition} ${letter.id}`],
      ['service', letter.hop],
      ['from', `${letter.stream} ${letter.position}`],
      ['type', letter.type ?? '-'],
      ['attempts', letter.attempts],
      ['died', timeOf(letter.lastFailedAt)],
      ['error', paint('red', letter.error)],
      ['message', letter.message],
    ]),
    ...(attempts.length === 0 ? [] : ['', ...tableOf(['when', 'attempt', 'error'], attempts)]),
    ...(letter.stack === undefined ? [] : ['', ...stackOf(letter.stack)]),
    '',
    ...eventOf(letter),
  ]);
};

const stackOf = (stack: string): Line[] => stack.split('\n').map((one) => paint('dim', one));

const eventOf = ({ event }: DeadLetter): Line[] => {
  if (event === null) return [paint('dim', 'the event was trimmed before it was delivered')];
  try {
    return linesOf(jsonOf(parseJson(event), 2));
  } catch {
    return [paint('dim', 'the event is not JSON:'), ...linesOf(event)];
  }
};
