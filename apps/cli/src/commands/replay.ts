import type { ChangedReplay, DryRun, Replay, ReplayList } from '@millrace/admin-api';
import type { Command } from 'commander';
import { part } from '../api/api.js';
import { follow } from '../api/follow.js';
import { wholeOf } from '../api/pages.js';
import type { Context } from '../context.js';
import { Failure } from '../errors.js';
import { confirm } from '../input/confirm.js';
import { pattern, positive, withRange } from '../input/options.js';
import { timeOf } from '../input/times.js';
import { listOf } from '../output/table.js';
import { type Ink, jsonOf, type Line, paint } from '../output/text.js';
import { type Group, type Run, withExamples } from './command.js';

export const addReplay: Group = (program, run) => {
  const replay = program
    .command('replay')
    .description('replay retained events of a topic to one sink, alongside live traffic')
    .usage('<topic> --sink <name> [options]\n       millrace replay ls|show|pause|resume|cancel');
  addStart(replay, run);
  withExamples(replay.command('ls').description('replays, newest first').action(run(list)), 'millrace replay ls');
  withExamples(
    replay
      .command('show')
      .description('show one')
      .argument('<id>')
      .option('--wait', 'wait until it finishes')
      .action(run(show)),
    'millrace replay show mb2k1-1',
    'millrace replay show mb2k1-1 --wait',
  );
  withExamples(
    replay.command('pause').description('pause a replay').argument('<id>').action(run(pause)),
    'millrace replay pause mb2k1-1',
  );
  withExamples(
    replay.command('resume').description('resume a replay').argument('<id>').action(run(resume)),
    'millrace replay resume mb2k1-1',
  );
  withExamples(
    replay
      .command('cancel')
      .description('cancel a replay; events already sent are not undone')
      .argument('<id>')
      .action(run(cancel)),
    'millrace replay cancel mb2k1-1',
  );
};

const addStart = (replay: Command, run: Run): void => {
  const start = replay
    .command('start', { isDefault: true })
    .description('start a replay and follow it; Ctrl-C pauses it. "start" may be omitted')
    .argument('<topic>')
    .requiredOption('--sink <name>', 'consumer group to replay to')
    .option('--pattern <json>', 'only events that match this event pattern', pattern)
    .option('--per-second <n>', 'maximum per second', positive, 500)
    .option('--unfiltered', 'for a webhook endpoint: ignore its topics and pattern')
    .option('--dry-run', 'preview: count the matches and do nothing')
    .option('--yes', 'skip the confirmation')
    .option('--detach', 'start and return at once');
  withRange(start, 'event').action(run(begin));
  withExamples(
    start,
    'millrace replay orders --sink sink-postgres --from 2h --dry-run',
    'millrace replay orders --sink sink-postgres --from 2026-01-31T12:00:00Z --to now --per-second 200',
    'millrace replay unrouted --sink router          # what no route matched, by the live routes',
    'millrace replay start orders --sink hook.billing --from 1d --pattern \'{"type":["order.paid"]}\'',
  );
};

interface StartOptions {
  readonly sink: string;
  readonly from?: string;
  readonly to?: string;
  readonly pattern?: object;
  readonly perSecond: number;
  readonly unfiltered?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly detach?: boolean;
}

const begin = async (context: Context, topic: string, options: StartOptions): Promise<void> => {
  const { dryRun = false, detach = false, yes = false, ...asked } = options;
  if (dryRun || !yes) {
    const answer = await context.api.post<DryRun>('replays', { topic, ...asked, dryRun: true });
    const { warnings } = answer;
    const more = answer.complete ? '' : ' among the first it looked at; there are more';
    const filtered = asked.unfiltered === true ? 'of them are sent past' : 'more are left out by';
    const left = answer.leftOut === 0 ? '' : `; ${answer.leftOut} ${filtered} the topics and pattern of ${asked.sink}`;
    const counted = `${answer.matched} of ${answer.looked} events match${more}${left}`;
    if (dryRun) return context.print(answer, () => [counted, ...warnings]);
    if (answer.matched === 0 && answer.complete) throw new Failure(`no event matches${left}; nothing was started`);
    for (const line of [counted, ...warnings]) context.note(line);
    const atLeast = answer.complete ? '' : 'at least ';
    const what = `${atLeast}${answer.matched} events of ${topic} to ${asked.sink}`;
    await confirm(context, `Send ${what} again, at most ${asked.perSecond} a second?`);
  }
  const start = () => context.api.post<Replay>('replays', { topic, ...asked });
  if (detach) {
    const started = await start();
    return context.print(started, () => `replay ${started.id} started`);
  }
  await watch(context, async () => {
    const started = await start();
    context.note(`replay ${started.id} started`); // It goes on even if we do not.
    return started;
  });
};

const pathOf = ({ id }: Pick<Replay, 'id'>): string => `replays/${part(id)}`;

const watch = async (context: Context, begin: () => Promise<Replay>): Promise<void> => {
  const end = await follow(context, {
    what: 'replaying',
    begin,
    ask: (before) => context.api.get<Replay>(pathOf(before)),
    isOver: ({ state }) => state !== 'running',
    progress: ({ looked, total }) => ({ done: looked, total }),
    stop: (now) => context.api.post(`${pathOf(now)}/pause`),
    standing: ({ id, sent, looked, total, state }) =>
      `${state} after ${sent} were sent, at ${looked} of about ${total}: millrace replay resume ${id}, or cancel ${id}`,
  });
  context.print(end, () => `${end.sent} events were sent to ${end.sink} again, of ${end.looked} in the range`);
  if (end.state === 'failed') throw new Failure(`the replay failed: ${end.error ?? 'the console does not say why'}`);
  if (end.state !== 'done') throw new Failure(`replay ${end.id} is ${end.state}`);
  if (end.sent === 0) throw new Failure('no event matched; nothing was sent');
};

const INKS: Readonly<Record<Replay['state'], Ink>> = {
  running: 'blue',
  paused: 'yellow',
  done: 'green',
  cancelled: 'dim',
  stopped: 'dim',
  failed: 'red',
};

const replayState = ({ state }: Replay): Line => paint(INKS[state], state);

const list = async (context: Context): Promise<void> => {
  const answer = await wholeOf<ReplayList>(context, 'replays');
  const rows = answer.replays.map((one) => [
    ...[one.id, replayState(one), one.topic, one.sink, one.sent, one.looked, one.total, timeOf(one.createdAt), one.who],
  ]);
  const header = ['replay', 'state', 'topic', 'sink', 'sent', 'looked', 'of about', 'started', 'by'];
  context.table(answer, header, rows, 'no replays');
};

/** An end of the range: a time where it is one, a stream id as it is. */
const pointText = (point: string | number | null, end: string): string => {
  if (point === null || point === '-' || point === '+') return end;
  return /^\d{1,15}$/.test(String(point)) ? timeOf(Number(point)) : String(point);
};

const print = (context: Context, replay: Replay): void =>
  context.print(replay, () =>
    listOf([
      ['replay', replay.id],
      ['state', replayState(replay)],
      ['topic', replay.topic],
      ['sink', replay.sink],
      ['from', pointText(replay.from, 'the oldest')],
      ['to', pointText(replay.to, 'the newest when it began')],
      ['pattern', replay.pattern === null ? 'every event' : jsonOf(replay.pattern)],
      ['rate', `${replay.perSecond} a second`],
      ['sent', replay.sent],
      ['looked', `${replay.looked} of about ${replay.total}`],
      ['started', `${timeOf(replay.createdAt)} by ${replay.who || 'unknown'}`],
      ...(replay.error === null ? [] : ([['error', paint('red', replay.error)]] as const)),
    ]),
  );

const show = async (context: Context, id: string, { wait = false }: { wait?: boolean }): Promise<void> => {
  const find = () => context.api.get<Replay>(pathOf({ id }));
  if (wait) return watch(context, find);
  print(context, await find());
};

const pause = (context: Context, id: string): Promise<void> => change(context, id, 'pause', 'it was paused already');

const resume = (context: Context, id: string): Promise<void> => change(context, id, 'resume', 'it was not paused');

const change = async (context: Context, id: string, to: 'pause' | 'resume', already: string): Promise<void> => {
  const replay = await context.api.post<ChangedReplay>(`${pathOf({ id })}/${to}`);
  if (replay.changed === false) context.note(already);
  print(context, replay);
};

const cancel = async (context: Context, id: string): Promise<void> => {
  await context.api.delete(pathOf({ id }));
  context.print({ cancelled: id }, () => `replay ${id} is cancelled`);
};
