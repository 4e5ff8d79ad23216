import type { Sink, SinkList, Stream, TopicList } from '@millrace/admin-api';
import { ApiError } from '../api/api.js';
import { passed, untilInterrupted } from '../api/follow.js';
import { wholeOf } from '../api/pages.js';
import type { Context } from '../context.js';
import { positive } from '../input/options.js';
import { agoOf, bytesOf, clockOf } from '../input/times.js';
import { Screen } from '../output/screen.js';
import { tableOf } from '../output/table.js';
import { Line, line, type Piece, paint } from '../output/text.js';
import { type Group, withExamples } from './command.js';

export const addTop: Group = (program, run) => {
  const command = program
    .command('top')
    .description('topics and sinks with their rates, refreshed until Ctrl-C; printed once if there is no terminal')
    .option('--once', 'print once, with the rates of one interval')
    .option('--interval <seconds>', 'seconds between refreshes', positive, 1)
    .action(run(top));
  withExamples(
    command,
    'millrace top',
    'millrace top --interval 5',
    `millrace top --once --json | jq '.sinks[].perSecond'`,
  );
};

const INBOX = 'in';

interface Look {
  readonly at: number;
  readonly streams: readonly Stream[];
  readonly sinks: readonly Sink[];
}

/** What is shown: each with what it did in a second; null where that is not known. */
export interface Rates {
  readonly at: number;
  readonly topics: readonly (Stream & { readonly perSecond: number | null })[];
  readonly sinks: readonly (Sink & { readonly perSecond: number | null })[];
}

const look = async (context: Context): Promise<Look> => {
  const [{ inbox, topics }, { sinks }] = await Promise.all([
    wholeOf<TopicList>(context, 'topics'),
    wholeOf<SinkList>(context, 'sinks'),
  ]);
  return { at: Date.now(), streams: [inbox, ...topics], sinks };
};

/** Whether a group that reads `streams`, names or `topic:*`, reads the stream of this name. */
const reads = (streams: readonly string[], name: string): boolean =>
  name === INBOX ? streams.includes(INBOX) : streams.includes('topic:*') || streams.includes(`topic:${name}`);

/** What a sink has settled so far: all that came into its topics, but for what it has not read or has in flight. */
const settledOf = (sink: Sink, all: readonly Stream[]): number | undefined => {
  if (sink.streams.some((name) => name.startsWith('hook:'))) return undefined; // That stream is no topic.
  const read = all.filter(({ name }) => reads(sink.streams, name));
  return read.reduce((sum, { added }) => sum + added, 0) - sink.lag - sink.pending;
};

/** Both looks as rates between them. */
export const ratesOf = (before: Look, now: Look): Rates => {
  const seconds = Math.max(1, now.at - before.at) / 1000;
  const rate = (then: number | undefined, later: number | undefined): number | null =>
    then === undefined || later === undefined ? null : Math.max(0, Math.round((later - then) / seconds));
  return {
    at: now.at,
    topics: now.streams.map((stream) => ({
      ...stream,
      perSecond: rate(before.streams.find(({ name }) => name === stream.name)?.added, stream.added),
    })),
    sinks: now.sinks.map((sink) => {
      const earlier = before.sinks.find(({ name }) => name === sink.name);
      const then = earlier === undefined ? undefined : settledOf(earlier, before.streams);
      return { ...sink, perSecond: rate(then, settledOf(sink, now.streams)) };
    }),
  };
};

const top = (context: Context, { once = false, interval }: { once?: boolean; interval: number }): Promise<void> =>
  untilInterrupted(context, async (signal) => {
    const ratesNow = ratesFrom(context, await look(context));
    await passed(interval * 1000, signal);
    if (context.io.output.isTerminal && !once && !context.isJson) {
      return redraw(context, ratesNow, interval * 1000, signal);
    }
    if (signal.aborted) return;
    const rates = await ratesNow();
    context.print(rates, () => linesOf(rates).map((one) => one.cut(context.columns)));
  });

/** Gives the rates since it was asked last. */
const ratesFrom = (context: Context, first: Look): (() => Promise<Rates>) => {
  let before = first;
  return async () => {
    const now = await look(context);
    const rates = ratesOf(before, now);
    before = now;
    return rates;
  };
};

/** Goes on while the console is away: that is when somebody watches. */
const redraw = async (
  context: Context,
  ratesNow: () => Promise<Rates>,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> => {
  const screen = new Screen(context.io.output);
  let lines: Line[] = [];
  while (!signal.aborted) {
    try {
      lines = linesOf(await ratesNow());
      screen.draw(lines);
    } catch (error) {
      if (!(error instanceof ApiError) || (error.status !== 0 && error.status !== 503)) throw error;
      screen.draw([paint('red', error.message), ...lines.slice(1)]);
    }
    await passed(everyMs, signal);
  }
};

const countOf = (count: number, ink: 'yellow' | 'red'): Piece => (count === 0 ? count : paint(ink, count));

const linesOf = ({ at, topics, sinks }: Rates): Line[] => [
  line`${paint('bold', 'millrace')} ${paint('dim', clockOf(at).slice(0, 8))}`,
  Line.of(''),
  ...tableOf(
    ['topic', 'in/s', 'events', 'size', 'newest'],
    topics.map(({ name, perSecond, length, bytes, lastAt }) => [
      ...[name, perSecond ?? '-', length, bytesOf(bytes), agoOf(lastAt)],
    ]),
  ),
  Line.of(''),
  ...tableOf(
    ['sink', 'done/s', 'unread', 'in flight', 'retries', 'dead', 'oldest', ''],
    sinks.map((sink) => [
      ...[sink.name, sink.perSecond ?? '-', sink.lag, sink.pending, countOf(sink.parked, 'yellow')],
      ...[countOf(sink.deadLetters, 'red'), agoOf(sink.oldestWaitingAt), sink.paused ? paint('yellow', 'paused') : ''],
    ]),
  ),
];
