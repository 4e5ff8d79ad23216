import type { ChangedSink, Sink, SinkList } from '@millrace/admin-api';
import { part } from '../api/api.js';
import { wholeOf } from '../api/pages.js';
import type { Context } from '../context.js';
import { confirm } from '../input/confirm.js';
import { agoOf, timeOf } from '../input/times.js';
import { listOf } from '../output/table.js';
import { type Line, paint } from '../output/text.js';
import { type Group, withExamples } from './command.js';

export const addSinks: Group = (program, run) => {
  const sinks = program.command('sinks').description('list, pause and forget sinks');
  withExamples(
    sinks.command('ls').description('all registered consumer groups: router, sinks, endpoints').action(run(list)),
    'millrace sinks ls',
  );
  withExamples(
    sinks.command('show').description('show one').argument('<sink>', 'consumer group of the sink').action(run(show)),
    'millrace sinks show sink-postgres',
  );
  withExamples(
    sinks
      .command('pause')
      .description('pause: read no new events; those in flight are finished')
      .argument('<sink>', 'consumer group of the sink')
      .action(run(pause)),
    'millrace sinks pause sink-postgres',
  );
  withExamples(
    sinks
      .command('resume')
      .description('resume reading')
      .argument('<sink>', 'consumer group of the sink')
      .action(run(resume)),
    'millrace sinks resume sink-postgres',
  );
  withExamples(
    sinks
      .command('forget')
      .description('forget an unused consumer group, so that it no longer holds back trimming; asks for confirmation')
      .argument('<sink>', 'consumer group; refused if it had a heartbeat within the last minute')
      .option('--discard', 'with --yes: even if undelivered events, retries or dead letters are lost')
      .option('--yes', 'skip the confirmation')
      .action(run(forget)),
    'millrace sinks forget sink-of-last-year',
    'millrace sinks forget sink-of-last-year --discard --yes',
  );
};

/** A group that says nothing for so long is gone: it tells of itself every ten seconds. */
const GONE_AFTER_MS = 60_000;

const sinkStatus = ({ paused, seenAt }: Sink): Line => {
  if (paused) return paint('yellow', 'paused');
  return Date.now() - seenAt > GONE_AFTER_MS ? paint('red', 'no heartbeat') : paint('green', 'reads');
};

const list = async (context: Context): Promise<void> => {
  const answer = await wholeOf<SinkList>(context, 'sinks');
  const rows = answer.sinks.map((sink) => [
    ...[sink.name, sinkStatus(sink), sink.lag, sink.pending, sink.parked, sink.deadLetters],
    ...[agoOf(sink.oldestWaitingAt), agoOf(sink.seenAt), sink.streams.join(', ')],
  ]);
  const header = ['sink', 'state', 'unread', 'in flight', 'retries', 'dead', 'oldest', 'heartbeat', 'reads'];
  context.table(answer, header, rows, 'no consumer groups registered');
};

const print = (context: Context, sink: Sink): void =>
  context.print(sink, () =>
    listOf([
      ['sink', sink.name],
      ['service', sink.hop],
      ['state', sinkStatus(sink)],
      ...(sink.paused ? ([['paused', `${timeOf(sink.paused.at)} by ${sink.paused.who || 'unknown'}`]] as const) : []),
      ['reads', sink.streams.join(', ')],
      ['consumers', sink.consumers ?? '-'],
      ['unread', sink.lag],
      ['in flight', sink.pending],
      ['retries', sink.parked],
      ['dead', sink.deadLetters],
      ['oldest', agoOf(sink.oldestWaitingAt)],
      ['last heartbeat', `${agoOf(sink.seenAt)} ago`],
    ]),
  );

const show = async (context: Context, name: string): Promise<void> =>
  print(context, await context.api.get<Sink>(`sinks/${part(name)}`));

const pause = async (context: Context, name: string): Promise<void> => {
  const sink = await context.api.post<ChangedSink>(`sinks/${part(name)}/pause`);
  const done = sink.changed === false ? 'was paused already' : 'is paused';
  context.print(sink, () => `${name} ${done}; ${sink.lag} events are queued for it`);
};

const resume = async (context: Context, name: string): Promise<void> => {
  const sink = await context.api.post<ChangedSink>(`sinks/${part(name)}/resume`);
  const done = sink.changed === false ? 'was not paused' : 'reads again';
  context.print(sink, () => `${name} ${done}; ${sink.lag} events are queued for it`);
};

const forget = async (
  context: Context,
  name: string,
  { discard = false, yes = false }: { discard?: boolean; yes?: boolean },
): Promise<void> => {
  const { lag, pending, parked, deadLetters, seenAt } = await context.api.get<Sink>(`sinks/${part(name)}`);
  const held = `${lag + pending} undelivered events, ${parked} scheduled for retry and ${deadLetters} dead letters`;
  // One that runs is refused whatever is said here.
  const isGone = Date.now() - seenAt >= GONE_AFTER_MS;
  if (!yes && isGone) await confirm(context, `Forget ${name}, and discard ${held}?`);
  await context.api.delete(`sinks/${part(name)}`, { discard: discard || (!yes && isGone) ? 'true' : undefined });
  context.print(
    { forgotten: name, unread: lag + pending, parked, deadLetters },
    () => `${name} forgotten; discarded ${held}`,
  );
};
