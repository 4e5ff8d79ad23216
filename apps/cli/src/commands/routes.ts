import type * as Api from '@millrace/admin-api';
import { part } from '../api/api.js';
import { wholeOf } from '../api/pages.js';
import type { Context } from '../context.js';
import { Failure, UsageError } from '../errors.js';
import { whole } from '../input/options.js';
import { timeOf } from '../input/times.js';
import { jsonOf } from '../output/text.js';
import { type Group, withExamples } from './command.js';

export const addRoutes: Group = (program, run) => {
  const routes = program.command('routes').description('list, change and test routes');

  withExamples(
    routes
      .command('validate')
      .description('validate a routes file offline, for CI')
      .argument('<file>', 'YAML, or - for standard input')
      .action(run(validate)),
    'millrace routes validate routes.yaml          # in CI: exit code 1 where it is not valid',
  );
  withExamples(routes.command('ls').description('all routes').action(run(list)), 'millrace routes ls');
  withExamples(
    routes.command('get').description('one route').argument('<name>').action(run(get)),
    'millrace routes get large-orders',
  );
  withExamples(
    routes
      .command('put')
      .description('publish the routes of a file as one version')
      .argument('<file>', 'YAML, or - for standard input')
      .option('--version <n>', 'fail unless the routes are at this version', whole)
      .option('--draft', 'save as drafts, which are not live')
      .action(run(put)),
    'millrace routes put routes.yaml',
    'millrace routes put routes.yaml --draft',
  );
  withExamples(
    routes.command('rm').description('delete a route').argument('<name>').action(run(remove)),
    'millrace routes rm large-orders',
  );
  withExamples(
    routes
      .command('test')
      .description('test whether a pattern matches an event, and why')
      .argument('<pattern>', 'JSON, or @FILE')
      .argument('<event>', 'JSON, @FILE, or - for standard input')
      .action(run(test)),
    `millrace routes test '{"type":["order.paid"]}' '{"type":"order.paid"}'`,
    'millrace routes test @pattern.json @event.json',
  );
  withExamples(
    routes
      .command('diff')
      .description('compare two versions, or a draft with the live routes')
      .argument('<from>', 'a version, or the name of a draft')
      .argument('[to]', 'a later version; the live one if absent', whole)
      .action(run(diff)),
    'millrace routes diff 3 5',
    'millrace routes diff large-orders',
  );
  withExamples(
    routes.command('promote').description('publish a draft').argument('<name>').action(run(promote)),
    'millrace routes promote large-orders',
  );
  withExamples(
    routes
      .command('rollback')
      .description('restore the routes of an earlier version')
      .argument('<version>', 'see history', whole)
      .action(run(rollback)),
    'millrace routes rollback 3',
  );
  withExamples(
    routes
      .command('shadow')
      .description('preview the impact of a draft on recent events or live traffic')
      .argument('<name>')
      .option('--last <n>', 'recent events to examine; 500 without it', whole)
      .option('--seconds <n>', 'examine live traffic for this many seconds instead', whole)
      .action(run(shadow)),
    'millrace routes shadow large-orders --last 5000',
    'millrace routes shadow large-orders --seconds 30',
  );
  withExamples(
    routes
      .command('history')
      .description('history of changes, newest first')
      .option('--limit <n>', 'maximum to show', whole, 20)
      .action(run(history)),
    'millrace routes history --limit 5',
  );
};

const readRoutes = async (context: Context, file: string): Promise<Api.Route[]> => {
  // With JSONata and YAML it takes as long to load as all the rest, which has no need of it.
  const [{ ROUTES }, { DefinitionError, parseFile }] = await Promise.all([
    import('@millrace/routes'),
    import('@millrace/definitions'),
  ]);
  try {
    return parseFile(ROUTES, await context.read(file), file).map(({ written }) => written);
  } catch (error) {
    if (error instanceof DefinitionError) throw new Failure(error.message);
    throw error;
  }
};

const validate = async (context: Context, file: string): Promise<void> => {
  const routes = await readRoutes(context, file);
  context.print({ valid: true, routes: routes.length }, () => `${file}: ${routes.length} routes, all valid`);
};

const list = async (context: Context): Promise<void> => {
  const all = await wholeOf<Api.RouteList>(context, 'routes');
  const drafts = new Set(all.drafts.map(({ name }) => name));
  const known = new Set(all.routes.map(({ route }) => route.name));
  const row = (route: Api.Route, from: string): string[] => [
    route.name,
    from,
    [route.topics].flat().join(', '),
    drafts.has(route.name) ? 'draft' : '',
    jsonOf(route.pattern),
  ];
  const rows = [
    ...all.routes.map(({ route, origin, isHidden }) => row(route, isHidden ? `${origin}, hidden` : origin)),
    ...all.drafts.filter(({ name }) => !known.has(name)).map((route) => row(route, 'draft')),
  ];
  context.table(all, ['route', 'from', 'topics', '', 'pattern'], rows, 'no routes: everything goes to "unrouted"');
  for (const error of all.invalid) context.note(error);
};

const get = async (context: Context, name: string): Promise<void> => {
  const view = await context.api.get<Api.RouteView>(`routes/${part(name)}`);
  context.print(view, () => jsonOf(view.route, 2));
};

const put = async (
  context: Context,
  file: string,
  { version, draft = false }: { version?: number; draft?: boolean },
): Promise<void> => {
  if (draft && version !== undefined) throw new UsageError('--version is for live routes; drafts have none');
  const routes = await readRoutes(context, file);
  if (routes.length === 0) throw new Failure(`${file}: there are no routes; nothing was changed`);
  if (draft) {
    for (const [kept, route] of routes.entries()) {
      await context.api.put(`routes/${part(route.name)}/draft`, route).catch((error: Error) => {
        if (kept > 0) context.note(`${kept} of ${routes.length} drafts were kept before that`);
        throw error;
      });
    }
    return context.print({ drafts: routes.length }, () => `${routes.length} drafts`);
  }
  const answer = await context.api.post<Api.AtVersion>('routes', {
    routes,
    ...(version === undefined ? {} : { version }),
  });
  context.print(answer, () => `${routes.length} routes live, version ${answer.version}`);
};

const remove = async (context: Context, name: string): Promise<void> => {
  const answer = await context.api.delete<Api.AtVersion>(`routes/${part(name)}`);
  context.print(answer, () => `${name} is deleted, version ${answer.version}`);
};

const textOf = async (context: Context, given: string): Promise<string> => {
  if (given === '-') return context.read('-');
  return given.startsWith('@') ? context.read(given.slice(1)) : given;
};

const test = async (context: Context, pattern: string, event: string): Promise<void> => {
  const body = { pattern: await textOf(context, pattern), event: await textOf(context, event) };
  const answer = await context.api.post<Api.PatternVerdict>('routes/test', body);
  context.print(answer, () => [answer.result ? 'matches' : 'does not match', ...linesOf(answer.why)].join('\n'));
};

const linesOf = ({ alternatives, leftOut }: Api.Explanation): string[] => [
  ...alternatives.flatMap(({ leaves, inDifferentElements }, i) => [
    ...(alternatives.length > 1 ? [`  alternative ${i + 1}`] : []),
    ...leaves.map(({ path, accepts, passed, seen }) => {
      const saw = seen.length === 0 ? 'nothing' : seen.map((value) => jsonOf(value)).join(', ');
      return `  ${passed ? 'passed' : 'failed'}  ${path} takes ${accepts}, saw ${saw}`;
    }),
    ...(inDifferentElements ? ['  every field passes, but only in different elements of one array'] : []),
  ]),
  ...(leftOut === undefined ? [] : [`  and ${leftOut} more alternatives`]),
];

const changesText = (changes: readonly Api.RouteChange[]): string =>
  changes
    .flatMap(({ name, before, after }) => [
      name,
      ...(before === null ? [] : [`  - ${jsonOf(before)}`]),
      ...(after === null ? [] : [`  + ${jsonOf(after)}`]),
    ])
    .join('\n');

const diff = async (context: Context, from: string, to: number | undefined): Promise<void> => {
  if (/^\d+$/.test(from)) {
    const answer = await context.api.get<Api.RouteDiff>('routes/diff', { from, to });
    return context.print(answer, () => (answer.changes.length === 0 ? 'no difference' : changesText(answer.changes)));
  }
  const change = await context.api.get<Api.RouteChange>(`routes/${part(from)}/draft`);
  context.print(change, () => changesText([change]));
};

const promote = async (context: Context, name: string): Promise<void> => {
  const answer = await context.api.post<Api.AtVersion>(`routes/${part(name)}/promote`);
  context.print(answer, () => `${name} is live, version ${answer.version}`);
};

const rollback = async (context: Context, to: number): Promise<void> => {
  const answer = await context.api.post<Api.AtVersion>('routes/rollback', { to });
  context.print(answer, () => `the routes are those of version ${to} again, as version ${answer.version}`);
};

const shadow = async (
  context: Context,
  name: string,
  { last, seconds }: { last?: number; seconds?: number },
): Promise<void> => {
  if (last !== undefined && seconds !== undefined) throw new UsageError('--last or --seconds, not both');
  const report = await context.api.post<Api.ShadowReport>(`routes/${part(name)}/shadow`, { last, seconds });
  context.print(report, () => shadowText(report));
};

const shadowText = (report: Api.ShadowReport): string => {
  const { events, matched, different, inForce, withDraft, differences, transform, microseconds } = report;
  const { undecided = 0, complete = true } = report;
  const topics = [...new Set([...Object.keys(inForce), ...Object.keys(withDraft)])].sort();
  return [
    `${matched} of ${events} events match; ${different} would be rerouted`,
    ...topics.map((topic) => `  ${topic}: ${inForce[topic] ?? 0} now, ${withDraft[topic] ?? 0} with it`),
    ...differences
      .slice(0, 10)
      .map(({ position, type, less, more }) =>
        [`  ${position} ${type}`, ...less.map((topic) => `-${topic}`), ...more.map((topic) => `+${topic}`)].join(' '),
      ),
    ...(transform === undefined ? [] : [`transform: ${transform.failed} of ${transform.tried} failed`]),
    ...(transform?.errors.map((error) => `  ${error}`) ?? []),
    ...(undecided === 0 ? [] : [`${undecided} events could not be matched: the pattern exceeds the step limit`]),
    ...(complete ? [] : ['stopped before the last event: matching exceeds the step limit']),
    `matching takes ${microseconds.inForce} µs an event now, ${microseconds.withDraft} µs with it`,
  ].join('\n');
};

const history = async (context: Context, { limit }: { limit: number }): Promise<void> => {
  const answer = await context.api.get<Api.RouteHistory>('routes/history', { limit });
  const rows = answer.changes.map(({ version, at, who, action, changes }) => [
    version,
    timeOf(at),
    who,
    action,
    changes.map(({ name }) => name).join(', '),
  ]);
  context.table(answer, ['version', 'when', 'who', 'what', 'routes'], rows, 'no changes of the routes yet');
};
