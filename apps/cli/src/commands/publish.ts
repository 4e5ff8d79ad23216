import { randomUUID } from 'node:crypto';
import { writeJson } from '@millrace/json';
import { Option } from 'commander';
import { ApiError } from '../api/api.js';
import { untilInterrupted } from '../api/follow.js';
import { chunksOf, type Published, Publisher } from '../api/publisher.js';
import type { Context } from '../context.js';
import { Failure, Interrupted, UsageError } from '../errors.js';
import { bytesOfFile, type Source, sourceOf } from '../input/event-source.js';
import { whole } from '../input/options.js';
import { Progress } from '../output/progress.js';
import { tableOf } from '../output/table.js';
import { type Group, withExamples } from './command.js';

/** Of events without one. */
const SOURCE = '/millrace/cli';

export const addPublish: Group = (program, run) => {
  const command = program
    .command('publish')
    .description('publish events from a file, standard input or options; exits with 1 if any is rejected')
    .argument('[file]', 'NDJSON of any length, or JSON (one event or an array); - for standard input')
    .option('--type <type>', 'type of a single event')
    .option('--data <json>', 'its data: JSON, @FILE, or - for standard input')
    .option('--source <uri>', `its source; ${SOURCE} without it`)
    .option('--subject <text>', 'its subject')
    .option('--id <id>', 'its id; generated if absent')
    .addOption(new Option('--format <name>', 'format of the file; detected if absent').choices(['ndjson', 'json']))
    .option('--patience <seconds>', 'how long to retry while the pipeline is full', whole, 60)
    .action(run(publish));
  withExamples(
    command,
    `millrace publish --type order.paid --data '{"amount":1200}' --subject customer-7`,
    'millrace publish events.ndjson',
    'zcat old.ndjson.gz | millrace publish - --json | jq .rejections',
  );
};

interface PublishOptions {
  readonly type?: string;
  readonly data?: string;
  readonly source?: string;
  readonly subject?: string;
  readonly id?: string;
  readonly format?: 'ndjson' | 'json';
  readonly patience: number;
}

const publish = (context: Context, file: string | undefined, options: PublishOptions): Promise<void> =>
  untilInterrupted(context, async (signal) => {
    const source = await toPublish(context, file, options);
    const publisher = new Publisher(context.api, {
      patienceMs: options.patience * 1000,
      signal,
      onWait: (why) => context.note(`waiting: ${why}`),
    });
    try {
      await send(context, source, publisher, signal);
    } catch (error) {
      if (!(error instanceof ApiError) || publisher.total === 0) throw error;
      const { accepted, duplicates, rejected } = publisher.published;
      const so = `${accepted} accepted, ${duplicates} duplicates, ${rejected.length} rejected`;
      throw new ApiError(`${error.message} Until then: ${so}`, error.status);
    }
    print(context, publisher.published);
    if (signal.aborted) throw new Interrupted('stopped before the end');
    const { rejected } = publisher.published;
    if (rejected.length > 0) throw new Failure(`${rejected.length} of ${publisher.total} events were rejected`);
  });

const toPublish = async (context: Context, file: string | undefined, options: PublishOptions): Promise<Source> => {
  const { type, format, data, source, subject, id } = options;
  if (file !== undefined) {
    const stray = Object.entries({ type, data, source, subject, id }).find(([, value]) => value !== undefined);
    if (stray !== undefined)
      throw new UsageError(`--${stray[0]} is for one event; the events of ${file} have their own`);
    const bytes = file === '-' ? context.io.input() : bytesOfFile(file);
    return sourceOf(bytes, file === '-' ? 'standard input' : file, format);
  }
  if (type === undefined) throw new UsageError('nothing to publish: give a file, - for standard input, or --type');
  if (format !== undefined) throw new UsageError('--format is for a file');
  const event = {
    specversion: '1.0',
    id: id ?? randomUUID(),
    source: source ?? SOURCE,
    type,
    ...(subject === undefined ? {} : { subject }),
    time: new Date().toISOString(),
    ...(data === undefined ? {} : { data: await context.readJson(data, '--data') }),
  };
  return { kind: 'document', text: writeJson(event) };
};

const send = async (context: Context, source: Source, publisher: Publisher, signal: AbortSignal): Promise<void> => {
  if (source.kind === 'document') return publisher.document(source.text);
  const progress = new Progress(context.io, 'published');
  try {
    for await (const chunk of chunksOf(source.lines)) {
      if (signal.aborted) return;
      await publisher.lines(chunk);
      progress.show(publisher.total, 0);
    }
  } finally {
    progress.end();
  }
};

const print = (context: Context, published: Published): void => {
  const { accepted, duplicates, rejected } = published;
  const answer = { accepted, duplicates, rejected: rejected.length, rejections: rejected };
  context.print(answer, () => [
    `${accepted} accepted, ${duplicates} duplicates, ${rejected.length} rejected`,
    ...(rejected.length === 0
      ? []
      : tableOf(
          ['at', 'id', 'why'],
          rejected.map(({ at, id, why }) => [at, id ?? '-', why]),
          context.columns,
        )),
  ]);
};
