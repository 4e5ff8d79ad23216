import type { SavedEndpoint } from '@millrace/admin-api';
import type { Command } from 'commander';
import { part } from '../api/api.js';
import type { Context } from '../context.js';
import { Failure, UsageError } from '../errors.js';
import { pattern, whole } from '../input/options.js';
import { type Run, withExamples } from './command.js';

export const addPut = (webhooks: Command, run: Run): void => {
  const command = webhooks
    .command('put')
    .description('create an endpoint or change the given fields, from a file or options')
    .argument('<name>', 'the endpoint')
    .argument(
      '[file]',
      'YAML or JSON: url, secret, signed, topics, pattern, format, headers, timeout, rate; null removes a field; - for standard input',
    )
    .option('--to <url>', 'URL of the endpoint')
    .option('--topics <names>', 'comma-separated topics; "*" for all that the sink reads')
    .option('--pattern <json>', 'pattern of the events to deliver', pattern)
    .option('--unsigned', 'do not sign requests; otherwise a new endpoint gets a secret, shown once')
    .option('--replace', 'remove fields that are not given, except the secret')
    .option('--version <n>', 'fail unless the endpoints are at this version', whole)
    .action(run(put));
  withExamples(
    command,
    'millrace webhooks put billing endpoint.yaml',
    'millrace webhooks put billing --to https://billing.example.com/hook --topics orders,refunds',
    'millrace webhooks put billing endpoint.yaml --replace',
  );
};

interface PutOptions {
  readonly to?: string;
  readonly topics?: string;
  readonly pattern?: object;
  readonly unsigned?: boolean;
  readonly replace?: boolean;
  readonly version?: number;
}

const put = async (context: Context, name: string, file: string | undefined, options: PutOptions): Promise<void> => {
  const { version, replace = false } = options;
  const endpoint = file === undefined ? endpointOf(options) : await readEndpoint(context, file, options);
  const path = `webhooks/${part(name)}`;
  const answer = replace
    ? await context.api.put<SavedEndpoint>(path, endpoint, { version })
    : await context.api.patch<SavedEndpoint>(path, endpoint, { version });
  for (const warning of answer.warnings) context.note(`warning: ${warning}`);
  context.print(answer, () => savedText(name, answer, replace ? undefined : Object.keys(endpoint)));
};

const savedText = (
  name: string,
  { created, changed, version, secret }: SavedEndpoint,
  named?: readonly string[],
): string[] => {
  if (changed === false) return [`${name} is already up to date; nothing changed, version ${version}`];
  const done = named === undefined ? 'replaced' : `changed: ${named.join(', ')}`;
  return [
    `${name} is ${created ? 'made' : done}, version ${version}`,
    ...(secret === undefined ? [] : [`its secret, which is not shown again: ${secret}`]),
  ];
};

const endpointOf = ({ to, topics, pattern: wanted, unsigned = false, replace = false }: PutOptions): object => {
  const endpoint = {
    ...(to === undefined ? {} : { url: to }),
    ...(topics === undefined ? {} : { topics: topics.split(',').map((one) => one.trim()) }),
    ...(wanted === undefined ? {} : { pattern: wanted }),
    ...(unsigned ? { signed: false } : {}),
  };
  if (Object.keys(endpoint).length === 0 || (replace && to === undefined)) {
    throw new UsageError('no URL: give a file, or --to');
  }
  return endpoint;
};

const readEndpoint = async (context: Context, file: string, options: PutOptions): Promise<object> => {
  const stray = (['to', 'topics', 'pattern', 'unsigned'] as const).find((name) => options[name] !== undefined);
  if (stray !== undefined) throw new UsageError(`give either --${stray} or a file, not both`);
  const text = await context.read(file);
  const { parse: parseYaml } = await import('yaml');
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    throw new Failure(`${file}: ${(error as Error).message.split('\n')[0]}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Failure(`${file}: must hold an endpoint, such as url: https://example.com/hook`);
  }
  return value;
};
