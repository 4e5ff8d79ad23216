import type { DeadLetter, Redrive, Redriven, RedrivePreview } from '@millrace/admin-api';
import { parseJson } from '@millrace/json';
import type { Command } from 'commander';
import { part } from '../api/api.js';
import { follow } from '../api/follow.js';
import { type Context, parse } from '../context.js';
import { Failure, UsageError } from '../errors.js';
import { confirm } from '../input/confirm.js';
import { edit } from '../input/editor.js';
import { positive } from '../input/options.js';
import { jsonOf } from '../output/text.js';
import { type Run, withExamples } from './command.js';
import { filterOf, type ManyOptions, strayOf, withFilter } from './dlq-filter.js';

export const addRedrive = (dlq: Command, run: Run): void => {
  const command = dlq
    .command('redrive')
    .description('redrive dead letters to their own consumer groups; Ctrl-C stops it without loss')
    .argument('[group]', 'with partition and id: a single dead letter')
    .argument('[partition]')
    .argument('[id]')
    .option('--all', 'all dead letters')
    .option('--dry-run', 'preview: count the matches and do nothing')
    .option('--per-second <n>', 'maximum per second', positive, 100)
    .option('--yes', 'skip the confirmation')
    .option('--detach', 'start and return at once')
    .option('--edit', 'single dead letter: edit the event in $EDITOR first')
    .option('--event <file>', 'single dead letter: send the event in this file instead; - for standard input');
  withFilter(command).action(run(redrive));
  withExamples(
    command,
    'millrace dlq redrive --group sink-postgres --error RangeError --dry-run',
    'millrace dlq redrive --group sink-postgres --per-second 50 --yes',
    'millrace dlq redrive sink-postgres 0 1795230491115-0 --edit',
  );
};

interface RedriveOptions extends ManyOptions {
  readonly perSecond: number;
  readonly detach?: boolean;
  readonly edit?: boolean;
  readonly event?: string;
}

const redrive = async (
  context: Context,
  group: string | undefined,
  partition: string | undefined,
  id: string | undefined,
  options: RedriveOptions,
): Promise<void> => {
  if (group === undefined) return redriveMany(context, options);
  if (partition === undefined || id === undefined) {
    throw new UsageError('one dead letter is named by group, partition and id; all of a group by --group');
  }
  const stray = strayOf(options);
  if (stray !== undefined) throw new UsageError(`--${stray} is for many; this is one dead letter`);
  const path = `dead-letters/${part(group)}/${part(partition)}/${part(id)}`;
  const event = await replacementOf(context, path, options);
  if (options.dryRun === true) {
    await context.api.get(path);
    return context.print({ matched: 1 }, () => '1 dead letter matches');
  }
  const answer = await context.api.post<Redriven>(`${path}/redrive`, event === undefined ? {} : { event });
  if (answer.redriven === 0) throw new Failure('already redriven or purged by another client');
  context.print(answer, () => `redriven to ${group}`);
};

/** The event that is to be sent in place of the one that failed; undefined where that itself is. */
const replacementOf = async (context: Context, path: string, options: RedriveOptions): Promise<unknown> => {
  if (options.edit === true && options.event !== undefined) throw new UsageError('--edit or --event, not both');
  if (options.event !== undefined) return parse(await context.read(options.event), options.event);
  if (options.edit !== true) return undefined;
  const { event } = await context.api.get<DeadLetter>(path);
  if (event === null) throw new Failure('its event was trimmed before it was delivered; give one with --event');
  const before = pretty(event);
  const after = await edit(before, context.io.variable);
  if (after === before) throw new Failure('the event was not changed; nothing was sent');
  return parse(after, 'the edited event');
};

const pretty = (json: string): string => {
  try {
    return `${jsonOf(parseJson(json), 2)}\n`;
  } catch {
    return json;
  }
};

const redriveMany = async (context: Context, options: RedriveOptions): Promise<void> => {
  if (options.edit === true || options.event !== undefined) {
    throw new UsageError('--edit and --event are for one dead letter: name it by group, partition and id');
  }
  const filter = filterOf(options);
  const { perSecond } = options;
  if (options.dryRun === true || options.yes !== true) {
    const answer = await context.api.post<RedrivePreview>('dead-letters/redrive', { filter, dryRun: true });
    const { matched, warnings } = answer;
    if (options.dryRun === true) return context.print(answer, () => [`${matched} dead letters match`, ...warnings]);
    if (matched === 0) throw new Failure('no dead letter matches; nothing was started');
    for (const warning of warnings) context.note(warning);
    await confirm(context, `Redrive ${matched} dead letters, at most ${perSecond} a second?`);
  }
  const begin = () => context.api.post<Redrive>('dead-letters/redrive', { filter, perSecond });
  if (options.detach === true) {
    const started = await begin();
    return context.print(started, () => `redrive ${started.id} of ${started.matched} dead letters started`);
  }
  const pathOf = ({ id }: Redrive): string => `dead-letters/redrives/${part(id)}`;
  const end = await follow(context, {
    what: 'redriving',
    begin,
    ask: (before) => context.api.get<Redrive>(pathOf(before)),
    isOver: ({ state }) => state !== 'running',
    progress: ({ redriven, withoutPayload, matched }) => ({ done: redriven + withoutPayload, total: matched }),
    stop: (now) => context.api.delete(pathOf(now)),
    standing: ({ redriven, matched }) =>
      `stopped: ${redriven} of ${matched} were redriven, the other ${matched - redriven} are still dead letters`,
  });
  context.print(end, () => [
    `${end.redriven} of ${end.matched} dead letters are redriven`,
    ...(end.withoutPayload === 0 ? [] : [`${end.withoutPayload} were trimmed before they were delivered: see --event`]),
  ]);
  if (end.state === 'failed')
    throw new Failure(`the redrive ended early: ${end.error ?? 'the console does not say why'}`);
  if (end.state === 'stopped') throw new Failure('stopped by another client');
};
