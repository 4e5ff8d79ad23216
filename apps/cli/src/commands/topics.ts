import type { StoredEvent, TopicDetail, TopicList } from '@millrace/admin-api';
import { writeJson } from '@millrace/json';
import { part } from '../api/api.js';
import { pagesOf, wholeOf } from '../api/pages.js';
import type { Context } from '../context.js';
import { pattern, withLimit, withRange } from '../input/options.js';
import { agoOf, bytesOf, spanOf, timeOf } from '../input/times.js';
import { listOf, tableOf } from '../output/table.js';
import { jsonOf } from '../output/text.js';
import { type Group, withExamples } from './command.js';

export const addTopics: Group = (program, run) => {
  const topics = program.command('topics').description('list topics and their events');
  withExamples(
    topics.command('ls').description('the inbox and all topics').action(run(list)),
    'millrace topics ls',
    `millrace topics ls --json | jq -r '.topics[].name'`,
  );
  withExamples(
    topics
      .command('show')
      .description('show a topic: its partitions, and the lag of each group')
      .argument('<topic>', 'topic name, or "in" for the inbox')
      .action(run(show)),
    'millrace topics show orders',
    'millrace topics show in',
  );
  const command = topics
    .command('events')
    .description('events of a topic, newest first')
    .argument('<topic>', 'topic name, or "in" for the inbox');
  withRange(command, 'event')
    .option('--type <type>', 'only this type; a trailing * matches by prefix')
    .option('--id <id>', 'only this CloudEvents id')
    .option('--text <text>', 'only events that contain this text')
    .option('--pattern <json>', 'only events that match this event pattern', pattern)
    .option('--oldest', 'oldest first');
  withLimit(command).action(run(events));
  withExamples(
    command,
    'millrace topics events orders --limit 10',
    "millrace topics events orders --from 2h --type 'order.*' --text customer-7",
    'millrace topics events in --pattern \'{"data":{"amount":[{"numeric":[">",1000]}]}}\' --json',
  );
};

const list = async (context: Context): Promise<void> => {
  const answer = await wholeOf<TopicList>(context, 'topics');
  const rows = [answer.inbox, ...answer.topics].map(({ name, length, bytes, lastAt, groups }) => [
    ...[name, length, bytesOf(bytes), agoOf(lastAt)],
    groups.reduce((sum, { lag, pending }) => sum + lag + pending, 0),
    groups.map(({ group }) => group).join(', '),
  ]);
  context.table(answer, ['topic', 'events', 'size', 'newest', 'backlog', 'read by'], rows, 'no topics');
};

const show = async (context: Context, topic: string): Promise<void> => {
  const answer = await context.api.get<TopicDetail>(`topics/${part(topic)}`);
  const { name, length, bytes, added, firstAt, lastAt, partitions, groups } = answer;
  const partitionRows = partitions.map((one) => [
    ...[one.partition, one.length, bytesOf(one.bytes), one.firstId ?? '-', one.lastId ?? '-'],
  ]);
  const groupRows = groups.map((one) => [
    ...[one.group, one.hop ?? 'not registered', one.lag, one.pending, agoOf(one.oldestPendingAt), one.consumers.length],
  ]);
  const consumerRows = groups.flatMap(({ group, consumers }) =>
    consumers.map((one) => [one.name, group, one.partition, one.pending, spanOf(one.idleMs)]),
  );
  context.print(answer, () => [
    ...listOf([
      ['topic', name],
      ['events', `${length} retained of ${added} received in total, ${bytesOf(bytes)}`],
      ['from', firstAt === null ? '-' : timeOf(firstAt)],
      ['to', lastAt === null ? '-' : timeOf(lastAt)],
    ]),
    '',
    ...tableOf(['partition', 'events', 'size', 'first', 'last'], partitionRows, context.columns),
    '',
    ...(groupRows.length === 0
      ? ['no consumer groups']
      : tableOf(['group', 'service', 'lag', 'in flight', 'oldest', 'consumers'], groupRows, context.columns)),
    ...(consumerRows.length === 0
      ? []
      : ['', ...tableOf(['consumer', 'group', 'partition', 'in flight', 'idle'], consumerRows, context.columns)]),
  ]);
};

interface EventOptions {
  readonly from?: string;
  readonly to?: string;
  readonly type?: string;
  readonly id?: string;
  readonly text?: string;
  readonly pattern?: object;
  readonly oldest?: boolean;
  readonly limit: number;
}

const events = async (context: Context, topic: string, options: EventOptions): Promise<void> => {
  const { limit, pattern: wanted, oldest = false, ...filter } = options;
  const query = {
    ...filter,
    pattern: wanted === undefined ? undefined : writeJson(wanted),
    order: oldest ? 'oldest' : undefined,
  };
  const { all, next } = await pagesOf<StoredEvent>(context, `topics/${part(topic)}/events`, 'events', query, limit);
  const rows = all.map(({ at, streamId, type, event }) => [timeOf(at), streamId, type, jsonOf(event)]);
  context.table({ events: all, next }, ['when', 'stream id', 'type', 'event'], rows, 'no matches');
};
