import type { StoredEvent, Trace } from '../answers.js';
import type { Context } from '../context.js';
import { Failure } from '../errors.js';
import { treeOf } from '../trace-tree.js';
import { type Group, withExamples } from './command.js';

/** `millrace trace` */
export const addTrace: Group = (program, run) => {
  const command = program
    .command('trace')
    .description(
      'the whole way of one event: routing, topics, sinks, every attempt, and why other routes did not match',
    )
    .argument('<source>', 'its source; or, without an id, its id alone, which is then looked for in the inbox')
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
  const answer = await context.api.get<Trace>('events/trace', { source, id });
  context.print(answer, () => treeOf(answer).map((one) => one.cut(context.columns)));
  if (!answer.found) throw new Failure(`no event "${id}" of source "${source}" was found`);
};

/** Most requests; each looks through five thousand events. */
const MOST_REQUESTS = 10;

/**
 * The source of the event that has this id. An id is unique within its source alone, so where several sources have it
 * nobody but the caller knows which is meant.
 */
const sourceOf = async (context: Context, id: string): Promise<string> => {
  const sources = new Set<string>();
  let looked = 0;
  let cursor: string | null = null;
  for (let n = 0; n < MOST_REQUESTS; n++) {
    type Page = { events: StoredEvent[]; next: string | null; looked: number };
    const query = { id, limit: 100, cursor: cursor ?? undefined };
    const page: Page = await context.api.get<Page>('topics/in/events', query);
    for (const { event } of page.events) sources.add(String((event as { source?: unknown } | null)?.source));
    looked += page.looked;
    cursor = page.next;
    if (cursor === null || sources.size > 0) break;
  }
  const [source] = sources;
  if (source === undefined) {
    throw new Failure(
      `no event "${id}" is among the newest ${looked} of the inbox; give its source: millrace trace SOURCE ${id}`,
    );
  }
  if (sources.size > 1) {
    throw new Failure(`several sources have an event "${id}": ${[...sources].join(', ')}; say which`);
  }
  return source;
};
