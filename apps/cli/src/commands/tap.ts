import type { Dropped, StoredEvent, Trouble } from '@millrace/admin-api';
import { parseJson, writeJson } from '@millrace/json';
import { part } from '../api/api.js';
import { untilInterrupted } from '../api/follow.js';
import type { ServerSentEvent } from '../api/server-sent-events.js';
import type { Context } from '../context.js';
import { pattern, positive } from '../input/options.js';
import { clockOf } from '../input/times.js';
import { jsonOf, Line, line, paint } from '../output/text.js';
import { type Group, withExamples } from './command.js';

export const addTap: Group = (program, run) => {
  const command = program
    .command('tap')
    .description('follow a topic until Ctrl-C: one line per event, NDJSON with --json')
    .argument('<topic>', 'topic name, or "in" for the inbox')
    .option('--pattern <json>', 'only events that match this event pattern', pattern)
    .option('--type <type>', 'only this type; a trailing * matches by prefix')
    .option('--text <text>', 'only events that contain this text')
    .option('--limit <n>', 'stop after this many events', positive)
    .action(run(tap));
  withExamples(
    command,
    'millrace tap orders',
    "millrace tap in --type 'order.*' --limit 10",
    'millrace tap orders --pattern \'{"data":{"amount":[{"numeric":[">",1000]}]}}\' --json | jq .event.data',
  );
};

interface TapOptions {
  readonly pattern?: object;
  readonly type?: string;
  readonly text?: string;
  readonly limit?: number;
}

const tap = (context: Context, topic: string, options: TapOptions): Promise<void> =>
  untilInterrupted(context, async (signal) => {
    const { pattern: wanted, type, text, limit = Number.POSITIVE_INFINITY } = options;
    const query = { type, text, pattern: wanted === undefined ? undefined : writeJson(wanted) };
    let shown = 0;
    for await (const sent of context.api.events(`topics/${part(topic)}/tail`, query, signal)) {
      if (sent.event === 'event') {
        const stored = parseJson(sent.data) as StoredEvent;
        context.printOne(stored, () => tapLine(stored));
        shown += 1;
      } else tellOf(context, sent);
      if (shown >= limit) return;
    }
  });

/** What comes beside the events: it is told apart from them, on standard error. */
const tellOf = (context: Context, { event, data }: ServerSentEvent): void => {
  if (event === 'dropped') {
    context.note(`${(parseJson(data) as Dropped).dropped} events not shown: rate limit of the live tail`);
  }
  if (event === 'trouble') context.note((parseJson(data) as Trouble).detail);
};

const str = (value: unknown): string => (typeof value === 'string' ? value : '');

/** One event on one line: when, its type, which it is, and what it says. */
export const tapLine = ({ at, type, event }: StoredEvent): Line => {
  const head = line`${paint('dim', clockOf(at))}  ${paint('cyan', type)}`;
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return line`${head}  ${jsonOf(event)}`;
  const { source, id, subject, data, data_base64: binary } = event as Readonly<Record<string, unknown>>;
  const whose = subject === undefined ? '' : ` ${str(subject)}`;
  const body = data === undefined ? str(binary) : jsonOf(data);
  return Line.join([head, '  ', paint('dim', `${str(source)} ${str(id)}`), paint('yellow', whose), '  ', body]);
};
