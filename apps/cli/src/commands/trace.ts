import type { StoredEvent, TopicList, Trace } from '@millrace/admin-api';
import { part } from '../api/api.js';
import { search, wholeOf } from '../api/pages.js';
import type { Context } from '../context.js';
import { Failure } from '../errors.js';
import { treeOf } from '../output/trace-tree.js';
import { type Group, withExamples } from './command.js';

export const addTrace: Group = (program, run) => {
  const command = program
    .command('trace')
    .description('trace one event: routing, topics, sinks, every attempt, and why other routes did not match')
    .argument(
      '<source>',
      'source of the event; without an id, this is the id, which is searched for in all retained events',
    )
    .argument('[id]', 'its id')
    .action(run(trace));
  withExamples(
    command,
    'millrace trace /shop/1 order-4711',
    'millrace trace order-4711',
    `millrace trace /shop/1 order-4711 --json | jq '.topics[].sinks[] | select(.state != "done")'`,
  );
};

const trace = async (context: Context, first: string, second: string | undefined): Promise<void> => {
  const [source, id] = second === undefined ? [await sourceOf(context, first), first] : [first, second];
  let [answer, looked]: [Trace | undefined, number] = [undefined, 0];
  const next = await search(context, async (cursor) => {
    answer = await context.api.get<Trace>('events/trace', { source, id, cursor });
    looked += answer.looked;
    return answer;
  });
  const end = { ...(answer as unknown as Trace), looked };
  context.print(end, () => treeOf(end).map((one) => one.cut(context.columns)));
  if (end.found) return;
  const where = next === null ? 'all that is retained' : `the ${looked} events searched`;
  throw new Failure(`no event "${id}" of source "${source}" was found in ${where}`);
};

/**
 * The source of the event that has this id. An id is unique within its source alone, so where several sources have it
 * nobody but the caller knows which is meant. It is looked for in the inbox, and then in the topics, which retain more.
 */
const sourceOf = async (context: Context, id: string): Promise<string> => {
  const sources = new Set<string>();
  let looked = 0;
  const { topics } = await wholeOf<TopicList>(context, 'topics');
  for (const topic of ['in', ...topics.map(({ name }) => name)]) {
    const next = await search(context, async (cursor) => {
      type Page = { events: StoredEvent[]; next: string | null; looked: number };
      const page = await context.api.get<Page>(`topics/${part(topic)}/events`, { id, limit: 100, cursor });
      for (const { event } of page.events) sources.add(String((event as { source?: unknown } | null)?.source));
      looked += page.looked;
      return { ...page, isEnough: sources.size > 0 };
    });
    if (sources.size > 0) break;
    if (next !== null) throw new Failure(`no event "${id}" is among the ${looked} events searched`);
  }
  const [source] = sources;
  if (source === undefined) {
    throw new Failure(`no event "${id}" is retained: ${looked} events of the inbox and all topics were searched`);
  }
  if (sources.size > 1) {
    throw new Failure(`several sources have an event "${id}": ${[...sources].join(', ')}; say which`);
  }
  return source;
};
